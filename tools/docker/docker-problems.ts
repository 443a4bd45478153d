import { Text } from "../../text";

/** Where the docker command was run. */
export interface Where {
  /** Whether there is no docker command. */
  missing?: boolean;
  platform: NodeJS.Platform;
  wsl?: boolean;
  /** Whether the docker command is the one of the snap. */
  snap?: boolean;
  /** DOCKER_HOST, where the learner set it. */
  host?: string;
  /** DOCKER_CONTEXT, where the learner set it. */
  chosen?: string;
  /** DOCKER_API_VERSION, where the learner set it. */
  apiVersion?: string;
  /** The context that the docker command uses, and its address. */
  context?: { name: string; address: string };
}

/** How a variable is taken back, in the terminal that people have. */
export function unset(names: readonly string[], platform: NodeJS.Platform): string {
  return platform === "win32"
    ? `Remove-Item ${names.map((name) => `Env:${name}`).join(", ")}`
    : `unset ${names.join(" ")}`;
}

/** How Docker is installed. */
function install({ platform, wsl }: Where): Text {
  const page = (of: string) => `https://docs.docker.com/desktop/setup/install/${of}-install/`;
  if (platform === "darwin" || platform === "win32") {
    const url = page(platform === "darwin" ? "mac" : "windows");
    return {
      en: `Install Docker Desktop from ${url} and start it.`,
      ko: `${url} 에서 Docker Desktop을 설치하고 실행하세요.`,
    };
  }
  const engine: Text = {
    en: "Install Docker Engine as on https://docs.docker.com/engine/install/ (Debian and Ubuntu: sudo apt-get install docker.io).",
    ko: "https://docs.docker.com/engine/install/ 의 안내대로 Docker Engine을 설치하세요 (Debian, Ubuntu: sudo apt-get install docker.io).",
  };
  if (!wsl) return engine;
  return {
    en: `If Docker Desktop is installed on Windows, ${integration.en} Otherwise: ${engine.en}`,
    ko: `Windows에 Docker Desktop이 설치되어 있으면 ${integration.ko} 없으면: ${engine.ko}`,
  };
}

const integration: Text = {
  en: "start it and switch on the integration of this distribution: Settings, Resources, WSL integration.",
  ko: "실행한 뒤 Settings, Resources, WSL integration에서 이 배포판의 통합을 켜세요.",
};

/** How the Docker of a context is started, for those that tools make. */
const starts: Record<string, Text> = {
  "desktop-linux": { en: "start Docker Desktop", ko: "Docker Desktop을 실행하세요" },
  "rancher-desktop": { en: "start Rancher Desktop", ko: "Rancher Desktop을 실행하세요" },
  orbstack: { en: "start OrbStack", ko: "OrbStack을 실행하세요" },
  colima: { en: "start it (colima start)", ko: "시작하세요 (colima start)" },
  rootless: { en: "start it (systemctl --user start docker)", ko: "시작하세요 (systemctl --user start docker)" },
};

/** How the usual Docker of a system is started. */
function start({ platform, wsl, snap }: Where): Text {
  if (platform === "darwin" || platform === "win32") {
    return { en: "Start Docker Desktop, then try again.", ko: "Docker Desktop을 실행한 뒤 다시 시도하세요." };
  }
  const command = snap ? "sudo snap start docker" : wsl ? "sudo service docker start" : "sudo systemctl start docker";
  return { en: `Start it, then try again: ${command}`, ko: `Docker를 시작한 뒤 다시 시도하세요: ${command}` };
}

/** What the docker command says, and what it means; the first that fits counts. */
const problems: { says: RegExp; means: (found: RegExpExecArray, where: Where) => Text | undefined }[] = [
  {
    says: /could not be found in this WSL (\d) distro/,
    means: ([, version]) =>
      version === "1"
        ? {
            en: "Docker Desktop does not work in a distribution of WSL 1. In PowerShell: wsl --set-version NAME 2 (wsl --list shows its name), then in Docker Desktop: Settings, Resources, WSL integration.",
            ko: "Docker Desktop은 WSL 1 배포판에서 쓸 수 없습니다. PowerShell에서 wsl --set-version 이름 2 를 실행하고 (이름은 wsl --list) Docker Desktop의 Settings, Resources, WSL integration에서 켜세요.",
          }
        : {
            en: "Docker Desktop is not switched on for this WSL distribution. On Windows, start Docker Desktop, then Settings, Resources, WSL integration: switch this distribution on, and apply.",
            ko: "이 WSL 배포판에서 Docker Desktop이 켜져 있지 않습니다. Windows에서 Docker Desktop을 실행하고 Settings, Resources, WSL integration에서 이 배포판을 켠 뒤 적용하세요.",
          },
  },
  {
    // Its own errors are those of Go templates that ask for what only Docker tells.
    says: /podman|libpod|can't evaluate field \w+ in type \*?define\./i,
    means: (_, { host, platform }) => {
      const away = host ? ` (${unset(["DOCKER_HOST"], platform)})` : "";
      return {
        en: `The docker command of this machine is Podman's, and the labs need Docker itself. Install Docker Engine as on https://docs.docker.com/engine/install/, remove podman-docker, and have the docker command use Docker${away}.`,
        ko: `이 컴퓨터의 docker 명령은 Podman입니다. 실습에는 Docker가 필요합니다. https://docs.docker.com/engine/install/ 의 안내대로 Docker Engine을 설치하고 podman-docker를 지운 뒤 docker 명령이 Docker를 쓰게 하세요${away}.`,
      };
    },
  },
  {
    says: /context "([^"]*)"(?: is not found|: context not found|: parsing)/,
    means: ([, name = ""], { chosen, platform }) => {
      const away = chosen ? unset(["DOCKER_CONTEXT"], platform) : "docker context use default";
      return {
        en: `Docker's context "${name}" is gone or broken; the Docker that it belonged to may have been uninstalled. Use the usual one: ${away}. docker context ls lists them all.`,
        ko: `Docker 컨텍스트 "${name}" 설정이 없거나 손상되었습니다. 그 컨텍스트의 Docker를 제거했을 수 있습니다. 기본 컨텍스트를 쓰려면: ${away}. 전체 목록: docker context ls`,
      };
    },
  },
  {
    says: /client version ([\d.]+) is too (old|new)\. \w+ supported API version is ([\d.]+)/,
    means: ([, ours, how, theirs], where) => {
      if (where.apiVersion) {
        const away = unset(["DOCKER_API_VERSION"], where.platform);
        return {
          en: `DOCKER_API_VERSION is ${where.apiVersion} in this terminal, and this Docker takes ${theirs} at ${how === "old" ? "least" : "most"}. Let the two agree by themselves: ${away}`,
          ko: `이 터미널의 DOCKER_API_VERSION 값이 ${where.apiVersion} 입니다. 이 Docker에서 쓸 수 있는 ${how === "old" ? "가장 낮은" : "가장 높은"} 버전은 ${theirs} 입니다. 자동으로 맞추려면: ${away}`,
        };
      }
      const { en, ko } = install(where);
      return how === "old"
        ? {
            en: `The docker command is too old for this Docker Engine: it speaks version ${ours} of the API, and the engine ${theirs} or newer. Update the docker command. ${en}`,
            ko: `docker 명령이 이 Docker Engine보다 너무 오래되었습니다: 명령의 API 버전은 ${ours}, 엔진은 ${theirs} 이상입니다. docker 명령을 업데이트하세요. ${ko}`,
          }
        : {
            en: `The Docker Engine is too old for this docker command: it speaks version ${theirs} of the API at most, and the command ${ours}. Update Docker Engine. ${en}`,
            ko: `Docker Engine이 이 docker 명령보다 너무 오래되었습니다: 엔진의 API 버전은 ${theirs} 까지, 명령은 ${ours} 입니다. Docker Engine을 업데이트하세요. ${ko}`,
          };
    },
  },
  {
    says: /snap-confine|cannot create user data directory|snap "docker"|snap\.docker\./,
    means: () => ({
      en: "Docker is installed as a snap, which cannot work with this home folder: a snap only reaches folders below /home. Install Docker Engine instead: sudo snap remove docker (this deletes the snap's images, containers and volumes), then as on https://docs.docker.com/engine/install/",
      ko: "Docker가 snap으로 설치되어 있어 이 홈 폴더에서 쓸 수 없습니다: snap은 /home 아래의 폴더만 봅니다. snap을 지우고 (sudo snap remove docker: snap의 이미지, 컨테이너, 볼륨이 지워집니다) https://docs.docker.com/engine/install/ 의 안내대로 Docker Engine을 설치하세요.",
    }),
  },
  {
    says: /permission denied/i,
    means: (_, { snap }) => {
      const group = snap
        ? "sudo addgroup --system docker; sudo adduser $USER docker; sudo snap restart docker"
        : "sudo usermod -aG docker $USER";
      return {
        en: `You may not use Docker: permission denied on its socket. Join its group, then log out and in again: ${group}`,
        ko: `Docker를 쓸 권한이 없습니다: 소켓에서 permission denied가 났습니다. docker 그룹에 들어간 뒤 로그아웃하고 다시 로그인하세요: ${group}`,
      };
    },
  },
  {
    says: /unix:\/\/\/?(\/run\/user\/\d+\/docker\.sock)/,
    means: ([, socket]) => ({
      en: `Rootless Docker is not running (${socket}). Start it, then try again: systemctl --user start docker`,
      ko: `루트리스(rootless) Docker가 실행 중이 아닙니다 (${socket}). 시작한 뒤 다시 시도하세요: systemctl --user start docker`,
    }),
  },
  {
    says: /^/,
    means: (_, { host, platform }) => {
      if (!host) return undefined;
      const minikube = /^tcp:\/\/[\d.]+:2376$/.test(host);
      const names = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"];
      const away = unset(minikube ? [...names, "MINIKUBE_ACTIVE_DOCKERD"] : names, platform);
      return {
        en: `This terminal has DOCKER_HOST=${host}, and no Docker answers there.${minikube ? " That is how eval $(minikube docker-env) leaves it, and the node may be stopped." : ""} To use the Docker of this machine: ${away}`,
        ko: `이 터미널의 DOCKER_HOST 값이 ${host} 인데 그곳의 Docker가 응답하지 않습니다.${minikube ? " eval $(minikube docker-env) 를 실행하면 이렇게 되며, 그 노드가 멈췄을 수 있습니다." : ""} 이 컴퓨터의 Docker를 쓰려면: ${away}`,
      };
    },
  },
  {
    says: /check if the server supports the requested API version/,
    means: () => ({
      en: "Docker Desktop is there, but its engine does not answer: it is still starting, or stuck. Wait until Docker Desktop says that the engine is running, or restart it, then try again.",
      ko: "Docker Desktop은 있지만 엔진이 응답하지 않습니다: 아직 시작하는 중이거나 멈춰 있습니다. 엔진이 실행 중이라고 나올 때까지 기다리거나 Docker Desktop을 다시 시작한 뒤 시도하세요.",
    }),
  },
  {
    says: /^/,
    means: (_, { context, chosen, platform }) => {
      if (!context || context.name === "default") return undefined;
      const { name, address } = context;
      const away = chosen ? unset(["DOCKER_CONTEXT"], platform) : "docker context use default";
      const begin = starts[name] ?? { en: "start it", ko: "시작하세요" };
      return {
        en: `No Docker answers at ${address}, where the selected context "${name}" leads. If you still have it, ${begin.en}. If it was uninstalled: ${away}`,
        ko: `선택된 컨텍스트 "${name}" (${address}) 의 Docker가 응답하지 않습니다. 아직 쓴다면 ${begin.ko}. 제거했다면: ${away}`,
      };
    },
  },
];

/** Why Docker cannot be used, and the next step. */
export interface DockerProblem extends Text {
  /** Whether there is only no Docker that runs, so that one that is installed and started here would do. */
  startable?: true;
}

/** Why Docker cannot be used and the next step, from what the `docker` command said. */
export function dockerProblem(said: string, where: Where): DockerProblem {
  if (where.missing) {
    const { en, ko } = install(where);
    return {
      startable: true,
      en: `Docker is not installed: there is no docker command. ${en}`,
      ko: `Docker가 설치되어 있지 않습니다: docker 명령이 없습니다. ${ko}`,
    };
  }
  // A configuration file that may not be read is not what stops the command.
  const lines = said.split("\n").filter((line) => line.trim() !== "" && !/^WARNING: /.test(line));
  for (const { says, means } of problems) {
    const found = says.exec(lines.join("\n"));
    const text = found && means(found, where);
    if (text) return text;
  }
  const first = lines[0] ?? "";
  const { en, ko } = start(where);
  return {
    startable: true,
    en: `Docker is not running (${first}). ${en}`,
    ko: `Docker가 실행 중이 아닙니다 (${first}). ${ko}`,
  };
}

/** What is wrong with an engine that answers: the labs do not run on every one. */
export function wrongEngine({ system, parts }: { system: string; parts: string }, host?: string): Text | undefined {
  if (/podman/i.test(parts)) return dockerProblem(parts, { platform: process.platform, host });
  if (system !== "windows") return undefined;
  return {
    en: "Docker runs Windows containers here, and the labs are Linux containers. In Docker Desktop's menu: Switch to Linux containers.",
    ko: "Docker가 Windows 컨테이너를 실행하고 있는데 실습은 Linux 컨테이너입니다. Docker Desktop 메뉴에서 Switch to Linux containers를 누르세요.",
  };
}
