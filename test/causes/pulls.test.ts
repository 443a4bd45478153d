import assert from "node:assert/strict";
import { explain } from "../../tools/stack/explain";
import { imageSettings, pullCause, pullProblem } from "../../tools/causes/pulls";
import { problemsOf } from "../../tools/checks/doctor";
import { healthy, target } from "../checks/fakes";

/** Messages of Docker, containerd and the kubelet about failed pulls, by cause. */
const said: Record<string, string[]> = {
  "image name": [
    'Failed to apply default image tag "my image": couldn\'t parse image name "my image": invalid reference format',
    "invalid reference format: repository name (library/MySQL) must be lowercase",
  ],
  "never pulled": ['Container image "mysql:9.7.2" is not present with pull policy of Never'],
  "pull limit": [
    "TOOMANYREQUESTS: retry-after: 651.4\u00b5s, allowed: 44000/minute",
    "toomanyrequests: Rate exceeded",
    "Error response from daemon: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit",
    "failed to pull and unpack image: unexpected status from GET request to https://registry-1.docker.io/v2/library/mysql/manifests/sha256:4290a: 429 Too Many Requests",
  ],
  "disk full": [
    "failed to register layer: write /usr/sbin/mysqld: no space left on device",
    "failed to copy: write /var/lib/containerd/ingest/1/data: no space left on device: unknown",
    "write /var/lib/docker/tmp/GetImageBlob: disk quota exceeded",
  ],
  "credential helper": [
    'error getting credentials - err: exec: "docker-credential-desktop.exe": executable file not found in $PATH, out: ``',
    "error getting credentials - err: exit status 1, out: `no credentials server URL`",
  ],
  platform: [
    "exec /usr/local/bin/docker-entrypoint.sh: exec format error",
    "no matching manifest",
    'image operating system "windows" cannot be used on this platform',
    "unsupported manifest media type and no default available",
    "failed to unmarshal: unsupported schemaVersion 1",
    "manifest unknown: OCI index found, but Accept header does not support OCI indexes",
    "[DEPRECATION NOTICE] Docker Image Format v1 and Docker Image manifest version 2, schema 1 support is disabled by default",
    'media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported since containerd v2.1',
    "no matching manifest for linux/arm64/v8 in the manifest list entries",
    'failed to pull image "mysql:5.7": no match for platform in manifest: not found',
    "image with reference mysql:5.7 was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64",
  ],
  proxy: [
    'Get "https://registry-1.docker.io/v2/": proxyconnect tcp: tls: first record does not look like a TLS handshake',
    'Get "https://registry-1.docker.io/v2/": socks connect tcp 127.0.0.1:1080->registry-1.docker.io:443: dial tcp 127.0.0.1:1080: connect: connection refused',
    "received unexpected HTTP status: 407 Proxy Authentication Required",
    'Get "https://registry-1.docker.io/v2/": proxyconnect tcp: dial tcp 127.0.0.1:3128: connect: connection refused',
    'Get "https://registry-1.docker.io/v2/": Proxy Authentication Required',
  ],
  clock: [
    'Head "https://registry-1.docker.io/v2/library/mysql/manifests/8": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2031-02-01T00:00:00+09:00 is after 2027-01-01T00:00:00Z',
    "x509: certificate has expired or is not yet valid: current time 2020-01-01T00:00:00Z is before 2026-01-01T00:00:00Z",
  ],
  certificate: [
    'Get "https://registry-1.docker.io/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'Get "https://192.168.0.2:5000/v2/": http: server gave HTTP response to HTTPS client',
  ],
  "registry in trouble": [
    "pull QPS exceeded",
    "received unexpected HTTP status: 503 Service Unavailable",
    "unexpected status from HEAD request to https://registry-1.docker.io/v2/x: 502 Bad Gateway",
  ],
  "registry unreachable": [
    "dial: connect: no route to host",
    "error pulling image configuration: image config verification failed for digest sha256:4290a",
    "failed to register layer: archive/tar: invalid tar header",
    "flate: corrupt input before offset 5",
    "filesystem layer verification failed for digest sha256:4290a",
    'failed to copy: failed commit on ref "layer-sha256:4290a": unexpected commit digest sha256:1c3b, expected sha256:4290a: failed precondition',
    "unknown blob",
    "error pulling image configuration: download failed after attempts=6: unexpected EOF",
    "failed to register layer: unexpected EOF",
    "failed to copy: read tcp 10.0.0.2:5->3.2.1.0:443: use of closed network connection",
    "failed to copy: httpReadSeeker: failed open: http2: client connection lost",
    "failed to copy: stream error: stream ID 7; INTERNAL_ERROR; received from peer",
    "failed to register layer: archive/tar: invalid tar header",
    "failed to register layer: gzip: invalid header",
    'Get "https://registry-1.docker.io/v2/": dial tcp [2600:1f18:2148:bc02::]:443: connect: cannot assign requested address',
    'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: server misbehaving',
    'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
    'Get "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout',
    'Get "https://registry-1.docker.io/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
    'Get "https://registry-1.docker.io/v2/": context deadline exceeded',
    "dial tcp 3.2.1.0:443: connect: network is unreachable",
    'Get "https://registry-1.docker.io/v2/": read tcp 10.0.0.2:5->3.2.1.0:443: read: connection reset by peer',
    'Get "https://registry-1.docker.io/v2/": EOF',
  ],
  "image storage": [
    'failed to extract layer (application/vnd.oci.image.layer.v1.tar+gzip sha256:4290a) to overlayfs as "extract-1": failed to mount /var/lib/containerd/tmpmounts/containerd-mount1: mount source: "overlay", err: invalid argument',
    'failed to prepare extraction snapshot "extract-1 sha256:4290a": parent snapshot sha256:1c3b does not exist: not found',
    "failed to register layer: lchown /etc/gshadow: invalid argument",
    "failed to register layer: ApplyLayer exit status 1 stdout: stderr: unshare: operation not permitted",
    "open /var/lib/docker/tmp/GetImageBlob1: read-only file system",
    "write /var/lib/docker/overlay2/1: input/output error",
  ],
  login: [
    'Head "https://registry-1.docker.io/v2/library/mysql/manifests/8": unauthorized: incorrect username or password',
    "unauthorized: personal access token is expired",
  ],
  "no such image": [
    "docker.io/library/connection-timeout-geofence:1: not found",
    "unauthorized: authentication required",
    "no basic auth credentials",
    "error from registry: denied",
    "pull access denied for nosuch/image, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    "failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized",
    "manifest for mysql:99 not found: manifest unknown: manifest unknown",
    'failed to resolve reference "docker.io/library/mysql:99": docker.io/library/mysql:99: not found',
    "no such manifest: docker.io/library/mysql:99",
  ],
};

describe("why an image cannot be pulled", () => {
  const onDocker = { image: "mysql:9.7.2", written: imageSettings, make: "npm run up" };
  for (const [cause, messages] of Object.entries(said)) {
    for (const message of messages) {
      it(`${cause}: ${message.slice(0, 80)}`, () => {
        assert.equal(pullCause(message)?.name, cause);
        const { why, next } = pullProblem(message, onDocker);
        for (const text of [why, next]) assert.ok(text.en && text.ko);
        assert.match(next.en, /npm run up$/);
      });
    }
  }

  it("is unknown for an unknown message", () => {
    assert.equal(pullCause("something new"), undefined);
    assert.equal(pullCause("SignatureValidationFailed: image signature validation failed"), undefined);
    assert.equal(pullCause("open /home/kim/.docker/config.json: permission denied"), undefined);
    assert.match(pullProblem("something new", onDocker).next.en, /^Follow the message/);
  });

  it("suggests to load the image from Docker only for a node of minikube", () => {
    const [limit = ""] = said["pull limit"] ?? [];
    const inCluster = (context: string) => pullProblem(limit, { ...onDocker, context }).next.en;
    assert.match(inCluster("course-labs"), /minikube --profile course-labs image load mysql:9\.7\.2/);
    assert.doesNotMatch(inCluster("school"), /minikube/);
    const broken = pullProblem(said["image storage"]![0]!, { ...onDocker, context: "course-labs" }).next.en;
    assert.match(broken, /stored data is kept: minikube stop --profile course-labs; minikube start/);
  });

  it("is explained the same by up and doctor, without doubting the image name", async () => {
    const wrong = ["pull limit", "disk full", "credential helper", "registry unreachable"];
    for (const [message = ""] of wrong.map((cause) => said[cause] ?? [])) {
      const { why, next } = pullProblem(message, onDocker);
      const reported = `unable to pull image mysql:9.7.2: error pulling image mysql:9.7.2: ${message}`;
      const { text } = explain([reported], new Error("code: 255"));
      assert.ok(
        text.en.startsWith(`Image mysql:9.7.2 is not on this machine and cannot be pulled. ${why.en} ${next.en}\n`),
        text.en,
      );
      assert.doesNotMatch(text.en, /Correct|its name/);
      const docker = healthy();
      docker.images = docker.images.filter(({ names }) => names[0] !== "mysql:9.7.2");
      docker.containers = docker.containers.filter(({ name }) => name !== "mysql");
      const [problem] = await problemsOf(target, { docker }, [], {
        logs: () => Promise.resolve(""),
        holder: () => Promise.resolve(undefined),
        pullProblem: () => Promise.resolve(message),
      });
      assert.equal(problem?.why?.en, why.en);
    }
  });
});
