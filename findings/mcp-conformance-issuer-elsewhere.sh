#!/usr/bin/env bash
# @modelcontextprotocol/conformance 0.1.16 (npm), the suite that judges clients of the Model Context Protocol; on node 22.
#
# Expected: in its scenario auth/2025-03-26-oauth-metadata-backcompat the metadata that lie at the root of an authorization
#   server name that root as their issuer. RFC 8414, section 3.3: the issuer "MUST be identical" to the one that the
#   address of the metadata was made of, else the metadata "MUST NOT be used".
# So it is: they name ROOT/oauth. A client that keeps to the RFC refuses them and fails the scenario; one that does not look
#   passes. (0.2.0-alpha.12 names ROOT.)
# Seen on 29 Nov 2026. Source: dist/index.js, where the scenario gives its authorization server the route prefix "/oauth",
#   which goes into `issuer`, while the metadata stay at /.well-known/oauth-authorization-server.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --prefix "$work" node@22 @modelcontextprotocol/conformance@0.1.16 >/dev/null
cat > look.mjs <<'JS'
import { writeFileSync } from "node:fs";
const root = new URL(process.argv[2]).origin;
const answer = await fetch(root + "/.well-known/oauth-authorization-server");
writeFileSync(process.env.SEEN, JSON.stringify({ root, issuer: (await answer.json()).issuer }));
JS
export SEEN="$work/seen.json" PATH="$work/node_modules/node/bin:$PATH"
node node_modules/@modelcontextprotocol/conformance/dist/index.js client \
  --command "node $work/look.mjs" --scenario auth/2025-03-26-oauth-metadata-backcompat >/dev/null 2>&1 || true
node - <<'JS'
const { root, issuer } = JSON.parse(require("node:fs").readFileSync(process.env.SEEN, "utf8"));
console.log("metadata at  ROOT/.well-known/oauth-authorization-server");
console.log("their issuer ROOT" + issuer.slice(root.length));
if (!issuer.startsWith(root) || issuer === root) throw new Error("the issuer has changed: " + issuer);
JS
