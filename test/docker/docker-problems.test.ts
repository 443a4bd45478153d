import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { dockerProblem, Where, wrongEngine } from "../../tools/docker/docker-problems";
import { NoDocker, useDocker } from "../../tools/docker/docker";

const linux: Where = { platform: "linux" };
const wsl: Where = { platform: "linux", wsl: true };
const meta =
  "/home/lee/.docker/contexts/meta/fe9c6bd7a66301f49ca9b6a70b217107cd1284598bfc254700c989b916da791e/meta.json";
const wsl2 = [
  "The command 'docker' could not be found in this WSL 2 distro.",
  "We recommend to activate the WSL integration in Docker Desktop settings.",
  "",
  "For details about using Docker Desktop with WSL 2, visit:",
  "",
  "https://docs.docker.com/go/wsl2/",
].join("\n");
const wsl1 = [
  "The command 'docker' could not be found in this WSL 1 distro.",
  "We recommend to convert this distro to WSL 2 and activate",
  "the WSL integration in Docker Desktop settings.",
].join("\n");
const silent = (address: string) => `Cannot connect to the Docker daemon at ${address}. Is the docker daemon running?`;

/** What the docker command said, word for word; where; and what a person is told of it. */
const cases: [what: string, said: string, where: Where, english: RegExp, korean: RegExp][] = [
  [
    "WSL without integration",
    wsl2,
    wsl,
    /not enabled for this WSL.*Resources, WSL integration/,
    /WSL 배포판.*활성화한 뒤/,
  ],
  ["WSL 1", wsl1, wsl, /WSL 1.*wsl --set-version NAME 2/, /wsl --set-version/],
  [
    "Podman's docker, with its notice",
    'Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.\nError: template: version:1:9: executing "version" at <.Server.Os>: can\'t evaluate field Os in type *define.Version',
    linux,
    /is Podman, but the labs need Docker.*podman-docker/,
    /Podman인데.*podman-docker/,
  ],
  [
    "Podman's docker, without it",
    'Error: template: image:1:9: executing "image" at <.Server.Version>: can\'t evaluate field Server in type libpod.Version',
    linux,
    /is Podman,/,
    /Podman인데/,
  ],
  [
    "Podman's docker, whose service is not there",
    "Cannot connect to Podman. Please verify your connection to the Linux system using `podman system connection list`",
    linux,
    /is Podman,/,
    /Podman인데/,
  ],
  [
    "a folder that sudo has taken",
    `Failed to initialize: unable to resolve docker endpoint: context "desktop-linux": context not found: open ${meta}: permission denied`,
    linux,
    /no permission to use your folder ~\/\.docker.*sudo chown -R \$USER ~\/\.docker/,
    /소유자를 되돌리세요/,
  ],
  [
    "a socket of Docker Desktop on macOS",
    "permission denied while trying to connect to the docker API at unix:///Users/lee/.docker/run/docker.sock",
    { platform: "darwin" },
    /no permission/,
    /권한이 없습니다/,
  ],
  [
    "a pipe of Windows",
    "error during connect: open //./pipe/docker_engine: Access is denied.",
    { platform: "win32" },
    /group docker-users/,
    /docker-users 그룹/,
  ],
  [
    "a context that is gone",
    `Failed to initialize: unable to resolve docker endpoint: context "desktop-linux": context not found: open ${meta}: no such file or directory`,
    linux,
    /context "desktop-linux" does not exist or is broken.*docker context use default/,
    /"desktop-linux".*docker context use default/,
  ],
  [
    "a context that is gone, of this terminal",
    `Failed to initialize: unable to resolve docker endpoint: context "gone": context not found: open ${meta}: no such file or directory`,
    { ...linux, chosen: "gone" },
    /context "gone" does not exist or is broken.*unset DOCKER_CONTEXT/,
    /unset DOCKER_CONTEXT/,
  ],
  [
    "a context that is gone, as older versions say it",
    'Current context "desktop-linux" is not found on the file system, please check your config file at /home/lee/.docker/config.json',
    linux,
    /context "desktop-linux" does not exist or is broken/,
    /"desktop-linux"/,
  ],
  [
    "a context that was cut off",
    `Failed to initialize: unable to resolve docker endpoint: context "desktop-linux": parsing ${meta}: unexpected end of JSON input`,
    linux,
    /context "desktop-linux" does not exist or is broken/,
    /"desktop-linux"/,
  ],
  [
    "a Docker Desktop that was uninstalled, or is not started",
    silent("unix:///home/lee/.docker/desktop/docker.sock"),
    { ...linux, context: { name: "desktop-linux", address: "unix:///home/lee/.docker/desktop/docker.sock" } },
    /context "desktop-linux"\..*start Docker Desktop.*uninstalled: docker context use default/,
    /Docker Desktop을 실행하세요.*docker context use default/,
  ],
  [
    "the same, as Docker 29 says it",
    "failed to connect to the docker API at unix:///home/lee/.colima/default/docker.sock; check if the path is correct and if the daemon is running: dial unix /home/lee/.colima/default/docker.sock: connect: no such file or directory",
    { platform: "darwin", context: { name: "colima", address: "unix:///home/lee/.colima/default/docker.sock" } },
    /context "colima"\..*colima start/,
    /colima start/,
  ],
  [
    "a stopped docker-env",
    silent("tcp://192.168.49.2:2376"),
    { ...linux, host: "tcp://192.168.49.2:2376", context: { name: "default", address: "tcp://192.168.49.2:2376" } },
    /DOCKER_HOST is set to tcp:\/\/192\.168\.49\.2:2376 .*docker-env.*: unset DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_CERT_PATH MINIKUBE_ACTIVE_DOCKERD$/,
    /unset DOCKER_HOST .*MINIKUBE_ACTIVE_DOCKERD/,
  ],
  [
    "a docker-env whose node was removed",
    "Failed to initialize: unable to resolve docker endpoint: open /home/lee/.minikube/certs/ca.pem: no such file or directory",
    { ...linux, host: "tcp://192.168.49.2:2376" },
    /no Docker answers there.*unset DOCKER_HOST/,
    /unset DOCKER_HOST/,
  ],
  [
    "a docker-env that gives no answer at all",
    "no answer within 30 s",
    { ...linux, host: "tcp://192.168.49.2:2376" },
    /no Docker answers there/,
    /응답하지 않습니다/,
  ],
  [
    "DOCKER_HOST of another kind, in PowerShell",
    silent("tcp://localhost:2375"),
    { platform: "win32", host: "tcp://localhost:2375" },
    /DOCKER_HOST is set to tcp:\/\/localhost:2375 .*Remove-Item Env:DOCKER_HOST, Env:DOCKER_TLS_VERIFY/,
    /Remove-Item Env:DOCKER_HOST/,
  ],
  [
    "rootless Docker that is not started",
    silent("unix:///run/user/1000/docker.sock"),
    { ...linux, host: "unix:///run/user/1000/docker.sock" },
    /^Rootless Docker is not running.*systemctl --user start docker$/,
    /systemctl --user start docker$/,
  ],
  [
    "a command that is too old",
    "Error response from daemon: client version 1.43 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version",
    linux,
    /docker command is too old for this Docker Engine: it supports API version 1\.43, .*1\.44 or newer\. Update the docker command\./,
    /docker 명령을 업데이트하세요/,
  ],
  [
    "an engine that is too old",
    "Error response from daemon: client version 1.52 is too new. Maximum supported API version is 1.43",
    linux,
    /Docker Engine is too old.*version 1\.43 at most.*1\.52\. Update Docker Engine\./,
    /Docker Engine을 업데이트하세요/,
  ],
  [
    "a version that the terminal insists on",
    "Error response from daemon: client version 1.24 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version",
    { ...linux, apiVersion: "1.24" },
    /DOCKER_API_VERSION is 1\.24.*1\.44 at least.*unset DOCKER_API_VERSION$/,
    /가장 낮은 버전은 1\.44입니다.*unset DOCKER_API_VERSION$/,
  ],
  [
    "Docker from snap, with a home elsewhere",
    "cannot create user data directory: /lhome/ubuntu/snap/docker/2904: Permission denied",
    { ...linux, snap: true },
    /as a snap, which cannot access this home folder.*deletes its images, containers and volumes/,
    /snap의 이미지, 컨테이너, 볼륨이 삭제됩니다/,
  ],
  [
    "Docker from snap, without its group",
    'Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/info": dial unix /var/run/docker.sock: connect: permission denied',
    { ...linux, snap: true },
    /You have no permission to use Docker.*addgroup --system docker.*snap restart docker$/,
    /snap restart docker$/,
  ],
  [
    "Docker from snap that does not run",
    silent("unix:///var/run/docker.sock"),
    { ...linux, snap: true },
    /^Docker is not running.*sudo snap start docker$/,
    /sudo snap start docker$/,
  ],
  [
    "no permission",
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.50/version": dial unix /var/run/docker.sock: connect: permission denied',
    linux,
    /You have no permission to use Docker.*usermod -aG docker \$USER$/,
    /usermod -aG docker \$USER$/,
  ],
  [
    "a configuration that root left, with an engine that does not run",
    `WARNING: Error loading config file: open /home/lee/.docker/config.json: permission denied\n${silent("unix:///var/run/docker.sock")}`,
    linux,
    /^Docker is not running \(Cannot connect .*systemctl start docker$/,
    /systemctl start docker$/,
  ],
  [
    "Docker Desktop that is still starting",
    "request returned 500 Internal Server Error for API route and version http://%2F%2F.%2Fpipe%2FdockerDesktopLinuxEngine/v1.54/version, check if the server supports the requested API version",
    { platform: "win32", context: { name: "desktop-linux", address: "npipe:////./pipe/dockerDesktopLinuxEngine" } },
    /still starting, or stuck/,
    /아직 시작하는 중/,
  ],
  [
    "Docker Desktop that is not started, on Windows",
    'error during connect: This error may indicate that the docker daemon is not running.: Get "http://%2F%2F.%2Fpipe%2Fdocker_engine/v1.24/version": open //./pipe/docker_engine: The system cannot find the file specified.',
    { platform: "win32", context: { name: "default", address: "npipe:////./pipe/docker_engine" } },
    /^Docker is not running.*Start Docker Desktop, then try again\.$/,
    /Docker Desktop을 실행한 뒤/,
  ],
  [
    "Docker Engine that does not run, in WSL",
    silent("unix:///var/run/docker.sock"),
    { ...wsl, context: { name: "default", address: "unix:///var/run/docker.sock" } },
    /^Docker is not running.*sudo service docker start$/,
    /sudo service docker start$/,
  ],
  [
    "Docker Engine that does not run",
    silent("unix:///var/run/docker.sock"),
    { ...linux, context: { name: "default", address: "unix:///var/run/docker.sock" } },
    /^Docker is not running \(Cannot connect.*sudo systemctl start docker$/,
    /sudo systemctl start docker$/,
  ],
  [
    "no docker command",
    "",
    { ...linux, missing: true },
    /not installed.*docs\.docker\.com\/engine\/install/,
    /설치되어 있지/,
  ],
  [
    "no docker command in WSL",
    "",
    { ...wsl, missing: true },
    /not installed.*If Docker Desktop is.*WSL integration/,
    /이 배포판을 활성화하세요/,
  ],
];

describe("why Docker cannot be used", () => {
  for (const [what, said, where, english, korean] of cases) {
    it(`is explained for ${what}, in one line`, () => {
      const text = dockerProblem(said, where);
      assert.match(text.en, english);
      assert.match(text.ko, korean);
      assert.doesNotMatch(text.en + text.ko, /\n/);
    });
  }

  it("may be that none is running, which this machine can solve", () => {
    const mendable = cases.filter(([, said, where]) => dockerProblem(said, where).startable).map(([what]) => what);
    assert.deepEqual(
      mendable.filter((what) => !/does not run|is not started, on Windows|no docker command/.test(what)),
      [],
    );
    assert.equal(mendable.length, 7);
  });

  it("is also explained for an engine that answers", () => {
    assert.equal(wrongEngine({ system: "linux", parts: "Engine,containerd,runc,docker-init," }), undefined);
    const podman = { system: "linux", parts: "Podman Engine,Conmon,OCI Runtime (crun)," };
    assert.match(wrongEngine(podman, "unix:///run/user/1000/podman/podman.sock")?.en ?? "", /unset DOCKER_HOST/);
    assert.match(wrongEngine({ system: "windows", parts: "Engine," })?.en ?? "", /Switch to Linux containers/);
  });
});

describe("the Docker of a run", () => {
  if (process.platform === "win32") return;
  const variables = ["PATH", "DOCKER_HOST", "DOCKER_CONTEXT", "MINIKUBE_ACTIVE_DOCKERD"];
  const before = variables.map((name) => [name, process.env[name]] as const);
  let folder: string;

  /** Puts a docker command first on PATH. */
  const command = (script: string) => {
    writeFileSync(join(folder, "docker"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "docker"), 0o755);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-docker-"));
    process.env.PATH = `${folder}${delimiter}${process.env.PATH ?? ""}`;
    for (const name of variables.slice(1)) delete process.env[name];
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  const refused = (english: RegExp) =>
    assert.rejects(useDocker(), (error: unknown) => error instanceof NoDocker && english.test(error.text.en));

  it("is refused inside minikube's node, with the same message as in doctor", async () => {
    command("exit 0");
    process.env.MINIKUBE_ACTIVE_DOCKERD = "minikube";
    await refused(/uses the Docker inside minikube's node minikube.*Next: eval \$\(minikube docker-env --unset\)/);
  });

  it("is recognized if the command prints to standard output", async () => {
    command(`cat <<'END'\n\n${wsl2}\nEND\nexit 1`);
    await refused(/not enabled for this WSL distribution/);
  });

  it("is refused if it is Podman", async () => {
    command('echo "5.4.2|linux|Podman Engine,Conmon,OCI Runtime (crun),"');
    await refused(/is Podman,/);
  });

  it("is the one of the context, for all programs of this run", async () => {
    command('case "$1" in version) echo "29.0.1|linux|Engine,";; *) echo "mine|unix:///mine.sock";; esac');
    process.env.DOCKER_CONTEXT = "mine";
    await useDocker();
    assert.deepEqual([process.env.DOCKER_HOST, process.env.DOCKER_CONTEXT], ["unix:///mine.sock", undefined]);
  });
});
