// The official TypeScript clients talk to the server as assistants do, over HTTP and stdio: the one of the generation that begins
// with a handshake, and the one that knows the newest.
//
// Arguments: the server's program, the address of the stand-in site. Prints a line for each conversation.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";

import * as newest from "@modelcontextprotocol/client";
import { StdioClientTransport as NewestStdio } from "@modelcontextprotocol/client/stdio";
import { Client as EarlierClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as EarlierStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as EarlierHttp } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";

const [program = "", site = ""] = process.argv.slice(2);
const words = JSON.parse(readFileSync(new URL("words.json", import.meta.url), "utf8"));
const self = { name: "icelocator-conformance", version: "1.0.0" };
const patience = 20_000;

type Progress = { progress: number; total?: number | undefined };
type Options = { signal?: AbortSignal; onprogress?: (progress: Progress) => void };
type Result = { isError?: boolean | undefined; structuredContent?: any; content: any[] };
type Client = newest.Client | EarlierClient;
type Place = { url: string; stop: () => Promise<void> } | { command: string; args: string[] };

/** One generation of clients: how it connects, and how it calls a tool. */
type Generation = {
  name: string;
  /** Whether a call that is cancelled over HTTP ends the connection. Earlier ones send a note, which a server that remembers
   *  nobody cannot match with a call. */
  hangsUp: boolean;
  connect: (place: Place) => Promise<Client>;
  call: (client: Client, name: string, args: object, options?: Options) => Promise<Result>;
};

const generations: Generation[] = [
  {
    name: "@modelcontextprotocol/sdk, 2025-11-25",
    hangsUp: false,
    connect: async (place) => {
      const client = new EarlierClient(self);
      await client.connect("url" in place ? new EarlierHttp(new URL(place.url)) : new EarlierStdio(place));
      return client;
    },
    call: async (client, name, args, options) =>
      (await (client as EarlierClient).callTool(
        { name, arguments: { ...args } },
        CallToolResultSchema,
        options,
      )) as Result,
  },
  ...(["legacy", { pin: "2026-07-28" }] as const).map((mode) => ({
    name: `@modelcontextprotocol/client, ${mode === "legacy" ? "2025-11-25" : mode.pin}`,
    hangsUp: mode !== "legacy",
    connect: async (place: Place) => {
      const client = new newest.Client(self, { versionNegotiation: { mode } });
      await client.connect(
        "url" in place ? new newest.StreamableHTTPClientTransport(new URL(place.url)) : new NewestStdio(place),
      );
      return client;
    },
    call: async (client: Client, name: string, args: object, options?: Options) =>
      (await (client as newest.Client).callTool({ name, arguments: { ...args } }, options)) as Result,
  })),
];

// What a client complains of, it tells its user: there is to be nothing.
const complaints: unknown[] = [];
console.warn = (...complaint) => void complaints.push(complaint);

const children = new Set<ChildProcess>();
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));

/** A server of its own. */
async function overHttp(site: string): Promise<Place> {
  const args = ["serve", "--base-url", site, "--anonymous", "--log-format", "json"];
  args.push("--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0");
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  children.add(child);
  const lines = createInterface({ input: child.stderr });
  const address = await new Promise<string>((found, failed) => {
    lines.on("line", (line) => {
      const event = JSON.parse(line);
      if (event.message === "taking calls") found(event["icelocator.listen"]);
    });
    lines.on("close", () => failed(new Error("the server ended at once")));
  });
  const stop = async () => {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    children.delete(child);
  };
  return { url: `http://${address}/mcp`, stop };
}

async function overStdio(site: string): Promise<Place> {
  return { command: program, args: ["serve", "--base-url", site, "--transport", "stdio", "--log-filter", "error"] };
}

const transports = { "over http": overHttp, "over stdio": overStdio };

async function stop(place: Place) {
  if ("stop" in place) await place.stop();
}

/** Waits, but not for ever. */
async function within<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, failed) => {
    timer = setTimeout(() => failed(new Error(`not in time: ${what}`)), patience);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** A site that never answers, and notices who asks and who goes away. */
async function silentSite() {
  const server = createServer();
  const asked = new Promise<void>((was) => server.on("connection", (socket) => socket.once("data", () => was())));
  const left = new Promise<void>((was) =>
    server.on("connection", (socket) => {
      socket.on("error", () => undefined);
      socket.on("close", () => was());
    }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, left, close: () => server.close() };
}

async function conversation(generation: Generation, client: Client) {
  const tools = (await client.listTools()).tools.map((tool) => tool.name);
  assert.deepEqual(tools.sort(), [...words.tools].sort());
  const resources = (await client.listResources()).resources.map((resource) => resource.uri);
  assert.deepEqual(resources.sort(), [...words.resources].sort());
  const prompts = (await client.listPrompts()).prompts.map((prompt) => prompt.name);
  assert.deepEqual(prompts.sort(), [...words.prompts].sort());

  for (const search of words.searches) {
    const result = await generation.call(client, search.tool, search.arguments);
    const answer = result.structuredContent;
    assert.equal(answer.outcome, search.outcome, JSON.stringify(search));
    assert.ok(!result.isError && result.content[0].text);
    if (search.arguments.language) assert.equal(answer.language, search.arguments.language);
  }

  for (const uri of words.resources) {
    const [content] = (await client.readResource({ uri })).contents;
    assert.ok(content && "text" in content && content.text, uri);
  }
  for (const name of words.prompts) {
    const [en, es] = await Promise.all(
      ["en", "es"].map((language) => client.getPrompt({ name, arguments: { language } })),
    );
    assert.notDeepEqual(en.messages, es.messages, name);
  }
  const { prompt, argument, begun, expected } = words.completion;
  const completed = await client.complete({
    ref: { type: "ref/prompt", name: prompt },
    argument: { name: argument, value: begun },
  });
  assert.ok(completed.completion.values.includes(expected));

  const heard: number[] = [];
  const { tool, arguments: requests, outcomes } = words.bulk;
  const onprogress = ({ progress }: Progress) => void heard.push(progress);
  const bulk = await generation.call(client, tool, requests, { onprogress });
  assert.deepEqual(
    bulk.structuredContent.results.map((entry: any) => entry.answer.outcome),
    outcomes,
  );
  assert.ok(heard.length > 0, "no progress");
  assert.deepEqual(heard, heard.toSorted((one, other) => one - other));
}

/** A call that is cancelled ends, and nobody goes on asking the site. */
async function givenUp(generation: Generation, transport: (site: string) => Promise<Place>) {
  const silent = await silentSite();
  const place = await transport(silent.url);
  const client = await generation.connect(place);
  const giveUp = new AbortController();
  const { tool, arguments: args } = words.slow;
  const call = generation.call(client, tool, args, { signal: giveUp.signal });
  await within(silent.asked, "the site is asked");
  giveUp.abort();
  await assert.rejects(within(call, "the call ends"));
  if (generation.hangsUp || !("url" in place)) await within(silent.left, "the site is left alone");
  assert.ok((await client.listTools()).tools.length > 0);
  await client.close();
  await within(silent.left, "the site is left alone");
  await stop(place);
  silent.close();
}

for (const generation of generations) {
  for (const [how, transport] of Object.entries(transports)) {
    const place = await transport(site);
    const client = await generation.connect(place);
    await within(conversation(generation, client), "the conversation");
    await client.close();
    await stop(place);
    await givenUp(generation, transport);
    assert.deepEqual(complaints, []);
    console.log(`TypeScript, ${generation.name}, ${how}: as it should be`);
  }
}
process.exit(0);
