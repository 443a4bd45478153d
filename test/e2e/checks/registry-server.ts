import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:http";

// A registry in memory, as far as `docker push` and `docker pull` need one; a process of its own, because tests wait for docker.
// See https://distribution.github.io/distribution/spec/api/
const [port] = process.argv.slice(2);
const blobs = new Map<string, Buffer>();
const manifests = new Map<string, { type: string; body: Buffer }>();
const uploads = new Map<string, Buffer>();
const digestOf = (body: Buffer) => `sha256:${createHash("sha256").update(body).digest("hex")}`;

type Answer = [status: number, headers?: Record<string, string | number>, body?: Buffer];

function answer(method: string, url: URL, type: string, body: Buffer): Answer {
  const [, name, kind, reference = ""] =
    /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests)\/(.*)$/.exec(url.pathname) ?? [];
  if (kind === "blobs/uploads") {
    const id = reference || randomUUID();
    const all = Buffer.concat([uploads.get(id) ?? Buffer.alloc(0), body]);
    const digest = url.searchParams.get("digest");
    if (method === "PUT" && digest !== null) {
      blobs.set(digest, all);
      uploads.delete(id);
      return [201, { location: `/v2/${name}/blobs/${digest}`, "docker-content-digest": digest }];
    }
    uploads.set(id, all);
    return [202, { location: `/v2/${name}/blobs/uploads/${id}`, range: `0-${Math.max(0, all.length - 1)}` }];
  }
  if (kind === "blobs") {
    const blob = blobs.get(reference);
    return blob ? [200, { "content-length": blob.length, "docker-content-digest": reference }, blob] : [404];
  }
  if (kind === undefined) return [200];
  if (method === "PUT") {
    for (const one of [reference, digestOf(body)]) manifests.set(one, { type, body });
    return [201, { location: url.pathname, "docker-content-digest": digestOf(body) }];
  }
  const found = manifests.get(reference);
  if (!found) return [404, {}, Buffer.from('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}')];
  const headers = { "content-type": found.type, "content-length": found.body.length };
  return [200, { ...headers, "docker-content-digest": digestOf(found.body) }, found.body];
}

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { method = "", url = "", headers } = request;
    const at = new URL(url, "http://localhost");
    const [status, more = {}, body] = answer(method, at, headers["content-type"] ?? "", Buffer.concat(chunks));
    response.writeHead(status, more).end(method === "HEAD" ? undefined : body);
  });
}).listen(Number(port), "127.0.0.1");
