"""The official Python client talks to the server as assistants do, in both generations, over HTTP and stdio.

Arguments: the server's program, the address of the stand-in site. Prints a line for each conversation.
"""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from pathlib import Path

from mcp import Client, StdioServerParameters
from mcp_types import PromptReference

PROGRAM, SITE = sys.argv[1:]
WORDS = json.loads((Path(__file__).parent / "words.json").read_text())
PATIENCE = 20
LEGACY, MODERN = "2025-11-25", "2026-07-28"


class SilentSite:
    """A site that never answers, and notices who asks and who goes away."""

    def __init__(self):
        self.asked, self.left = asyncio.Event(), asyncio.Event()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.meet, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def meet(self, reader, writer):
        await reader.readline()
        self.asked.set()
        try:
            await reader.read()
        except ConnectionError:
            pass
        self.left.set()
        writer.close()


@asynccontextmanager
async def over_http(site):
    """A server of its own, and how to reach it."""
    arguments = ["serve", "--base-url", site, "--anonymous", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"]
    process = await asyncio.create_subprocess_exec(PROGRAM, *arguments, "--log-format", "json", stderr=asyncio.subprocess.PIPE)
    try:
        while True:
            line = json.loads(await asyncio.wait_for(process.stderr.readline(), PATIENCE))
            if line["message"] == "taking calls":
                break
        reading = asyncio.create_task(process.stderr.read())
        yield f"http://{line['icelocator.listen']}/mcp"
        reading.cancel()
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def over_stdio(site):
    yield StdioServerParameters(command=PROGRAM, args=["serve", "--base-url", site, "--transport", "stdio", "--log-filter", "error"])


async def searches(client):
    for search in WORDS["searches"]:
        result = await client.call_tool(search["tool"], search["arguments"])
        answer = result.structured_content
        assert answer["outcome"] == search["outcome"], (search, answer["outcome"])
        assert not result.is_error, search
        assert result.content[0].text, search
        if "language" in search["arguments"]:
            assert answer["language"] == search["arguments"]["language"], (search, answer)


async def lists(client):
    tools = [tool.name for tool in (await client.list_tools()).tools]
    assert sorted(tools) == sorted(WORDS["tools"]), tools
    resources = [str(resource.uri) for resource in (await client.list_resources()).resources]
    assert sorted(resources) == sorted(WORDS["resources"]), resources
    prompts = [prompt.name for prompt in (await client.list_prompts()).prompts]
    assert sorted(prompts) == sorted(WORDS["prompts"]), prompts


async def texts(client):
    for uri in WORDS["resources"]:
        contents = (await client.read_resource(uri)).contents
        assert contents and contents[0].text, uri
    read = {}
    for name in WORDS["prompts"]:
        for language in ("en", "es"):
            prompt = await client.get_prompt(name, {"language": language})
            read[name, language] = prompt.messages[0].content.text
        assert read[name, "en"] != read[name, "es"], name
    completion = WORDS["completion"]
    reference = PromptReference(type="ref/prompt", name=completion["prompt"])
    argument = {"name": completion["argument"], "value": completion["begun"]}
    values = (await client.complete(reference, argument)).completion.values
    assert completion["expected"] in values, values


async def several_with_progress(client):
    heard = []

    async def hear(progress, total, _message):
        heard.append((progress, total))

    bulk = WORDS["bulk"]
    result = await client.call_tool(bulk["tool"], bulk["arguments"], progress_callback=hear)
    outcomes = [entry["answer"]["outcome"] for entry in result.structured_content["results"]]
    assert outcomes == bulk["outcomes"], outcomes
    assert heard and heard == sorted(heard), heard


async def given_up(client, site, heard):
    """A call that is cancelled ends, and nobody goes on asking the site."""
    call = asyncio.create_task(client.call_tool(WORDS["slow"]["tool"], WORDS["slow"]["arguments"]))
    await asyncio.wait_for(site.asked.wait(), PATIENCE)
    call.cancel()
    await asyncio.wait([call], timeout=PATIENCE)
    assert call.cancelled(), "the call goes on"
    if heard:
        await asyncio.wait_for(site.left.wait(), PATIENCE)
    assert (await client.list_tools(cache_mode="bypass")).tools, "nothing can be asked any more"


async def conversation(transport, mode):
    async with transport(SITE) as place, Client(place, mode=mode) as client:
        expected = LEGACY if mode == "legacy" else MODERN
        assert client.protocol_version == expected, client.protocol_version
        await lists(client)
        await searches(client)
        await texts(client)
        await several_with_progress(client)
    # Older clients over HTTP send a note that a call is cancelled and leave its connection open. A server that remembers nobody
    # cannot know which call is meant; that the connection ends, it notices.
    heard = (transport, mode) != (over_http, "legacy")
    async with SilentSite() as site, transport(site.address) as place:
        async with Client(place, mode=mode) as client:
            await given_up(client, site, heard)
        await asyncio.wait_for(site.left.wait(), PATIENCE)


async def main():
    for transport in (over_http, over_stdio):
        for mode in ("legacy", "auto"):
            async with asyncio.timeout(3 * PATIENCE):
                await conversation(transport, mode)
            print(f"Python, {LEGACY if mode == 'legacy' else MODERN}, {transport.__name__.replace('_', ' ')}: as it should be")


asyncio.run(main())
