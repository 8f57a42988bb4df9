# Thin names over the real commands. "make" alone tells what there is.

# Handed on to the commands below: make up CLUSTER=kind, make up CLUSTER_DIR=target/other
export CLUSTER CLUSTER_DIR CONTEXT REGISTRY YES KIND_NAME PROFILE ICELOCATOR_CACHE

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  CLUSTER=local (default: a real node of its own, as root), kind, or current (with CONTEXT=... REGISTRY=...)"

.PHONY: up
up: ## a cluster with monitoring, the operator, the sample, and a first search
	@tests/cluster/cluster.sh up

.PHONY: status
status: ## where everything is, and what is firing
	@tests/cluster/cluster.sh status

.PHONY: down
down: ## take the cluster down; nothing is left of it but the cache of built tools
	@tests/cluster/cluster.sh down

.PHONY: test
test: ## everything: the quick half, then the whole system on a cluster of its own
	@tests/run all

.PHONY: test-unit
test-unit: ## the quick half: formats, lints, unit tests, MCP conformance, chart and manifests, dashboards, alert rules
	@tests/run unit

.PHONY: lint
lint: ## formats, lints, shell scripts
	@tests/run lint

.PHONY: bench
bench: ## both: how the server does beside an echo server, and the operator with 300 resources
	@tests/run bench

.PHONY: bench-server
bench-server: ## how the server does beside an echo server: calls a second, latency, memory
	@tests/run bench-server

.PHONY: clean-cache
clean-cache: ## remove the tools that are kept between clusters
	@tests/cluster/cluster.sh clean-cache
