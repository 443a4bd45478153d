import { Text } from "../../text";

export interface Where {
  missing?: boolean;
  platform: NodeJS.Platform;
  wsl?: boolean;
  /** The docker command belongs to the snap. */
  snap?: boolean;
  /** DOCKER_HOST, if the user set it. */
  host?: string;
  /** DOCKER_CONTEXT, if the user set it. */
  chosen?: string;
  /** DOCKER_API_VERSION, if the user set it. */
  apiVersion?: string;
  context?: { name: string; address: string };
}

/** The command that unsets variables in the terminal. */
export function unset(names: readonly string[], platform: NodeJS.Platform): string {
  return platform === "win32"
    ? `Remove-Item ${names.map((name) => `Env:${name}`).join(", ")}`
    : `unset ${names.join(" ")}`;
}

function install({ platform, wsl }: Where): Text {
  const page = (of: string) => `https://docs.docker.com/desktop/setup/install/${of}-install/`;
  if (platform === "darwin" || platform === "win32") {
    const url = page(platform === "darwin" ? "mac" : "windows");
    return {
      en: `Install Docker Desktop and start it: ${url}`,
      ko: `Docker Desktop을 설치하고 실행하세요: ${url}`,
    };
  }
  const engine: Text = {
    en: "Install Docker Engine: https://docs.docker.com/engine/install/ (on Debian and Ubuntu: sudo apt-get install docker.io)",
    ko: "Docker Engine을 설치하세요: https://docs.docker.com/engine/install/ (Debian, Ubuntu: sudo apt-get install docker.io)",
  };
  if (!wsl) return engine;
  return {
    en: `If Docker Desktop is installed on Windows, ${integration.en} Otherwise: ${engine.en}`,
    ko: `Windows에 Docker Desktop이 설치되어 있으면 ${integration.ko} 설치되어 있지 않으면 ${engine.ko}`,
  };
}

const integration: Text = {
  en: "start it and enable this distribution in Settings, Resources, WSL integration.",
  ko: "실행한 뒤 Settings, Resources, WSL integration에서 이 배포판을 활성화하세요.",
};

/** How to start the Docker of well-known contexts. */
const starts: Record<string, Text> = {
  "desktop-linux": { en: "start Docker Desktop", ko: "Docker Desktop을 실행하세요" },
  "rancher-desktop": { en: "start Rancher Desktop", ko: "Rancher Desktop을 실행하세요" },
  orbstack: { en: "start OrbStack", ko: "OrbStack을 실행하세요" },
  colima: { en: "start it (colima start)", ko: "시작하세요 (colima start)" },
  rootless: { en: "start it (systemctl --user start docker)", ko: "시작하세요 (systemctl --user start docker)" },
};

/** How to start the default Docker of a system. */
function start({ platform, wsl, snap }: Where): Text {
  if (platform === "darwin" || platform === "win32") {
    return { en: "Start Docker Desktop, then try again.", ko: "Docker Desktop을 실행한 뒤 다시 시도하세요." };
  }
  const command = snap ? "sudo snap start docker" : wsl ? "sudo service docker start" : "sudo systemctl start docker";
  return { en: `Start it, then try again: ${command}`, ko: `Docker를 시작한 뒤 다시 시도하세요: ${command}` };
}

const when = (says: RegExp, means: (found: RegExpExecArray, where: Where) => Text | undefined) => ({ says, means });

/** Messages of the docker command and how to explain them; the first match is used. */
const problems = [
  when(/could not be found in this WSL (\d) distro/, ([, version]) =>
    version === "1"
      ? {
          en: "Docker Desktop does not support WSL 1 distributions. Run in PowerShell: wsl --set-version NAME 2 (wsl --list shows the name). Then enable the distribution in Docker Desktop: Settings, Resources, WSL integration.",
          ko: "Docker Desktop은 WSL 1 배포판을 지원하지 않습니다. PowerShell에서 실행하세요: wsl --set-version 이름 2 (이름은 wsl --list로 확인). 그런 다음 Docker Desktop의 Settings, Resources, WSL integration에서 이 배포판을 활성화하세요.",
        }
      : {
          en: "Docker Desktop is not enabled for this WSL distribution. On Windows, start Docker Desktop, open Settings, Resources, WSL integration, enable this distribution and apply the change.",
          ko: "이 WSL 배포판에서 Docker Desktop이 활성화되어 있지 않습니다. Windows에서 Docker Desktop을 실행하고 Settings, Resources, WSL integration에서 이 배포판을 활성화한 뒤 적용하세요.",
        },
  ),
  // Podman fails with errors of Go templates for fields that only Docker has.
  when(/podman|libpod|can't evaluate field \w+ in type \*?define\./i, (_, { host, platform }) => {
    const away = host ? ` (${unset(["DOCKER_HOST"], platform)})` : "";
    return {
      en: `The docker command on this machine is Podman, but the labs need Docker. Remove podman-docker, install Docker Engine (https://docs.docker.com/engine/install/), and make the docker command use Docker${away}.`,
      ko: `이 컴퓨터의 docker 명령은 Podman인데, 실습에는 Docker가 필요합니다. podman-docker를 제거하고 Docker Engine을 설치한 뒤(https://docs.docker.com/engine/install/) docker 명령이 Docker를 사용하게 하세요${away}.`,
    };
  }),
  when(/\.docker\/[^\n]*permission denied/i, () => ({
    en: "You have no permission to use your folder ~/.docker, probably because docker was run with sudo. Change the owner back: sudo chown -R $USER ~/.docker",
    ko: "~/.docker 폴더를 사용할 권한이 없습니다. sudo로 docker를 실행했을 때 이렇게 됩니다. 소유자를 되돌리세요: sudo chown -R $USER ~/.docker",
  })),
  when(/pipe\/[^\n]*Access is denied/i, () => ({
    en: "You have no permission to use Docker. As an administrator, add your user to the group docker-users (net localgroup docker-users NAME /add), then log out and log in again.",
    ko: "Docker를 사용할 권한이 없습니다. 관리자 권한으로 사용자를 docker-users 그룹에 추가한 뒤 (net localgroup docker-users 이름 /add) 로그아웃했다가 다시 로그인하세요.",
  })),
  when(/context "([^"]*)"(?: is not found|: context not found|: parsing)/, ([, name = ""], { chosen, platform }) => {
    const away = chosen ? unset(["DOCKER_CONTEXT"], platform) : "docker context use default";
    return {
      en: `The Docker context "${name}" does not exist or is broken; its Docker may have been uninstalled. To use the default context: ${away}. To list all contexts: docker context ls`,
      ko: `Docker의 "${name}" 컨텍스트가 없거나 손상되었습니다. 그 컨텍스트의 Docker를 제거했을 수 있습니다. 기본 컨텍스트를 쓰려면: ${away}. 전체 목록: docker context ls`,
    };
  }),
  when(
    /client version ([\d.]+) is too (old|new)\. \w+ supported API version is ([\d.]+)/,
    ([, ours, how, theirs], where) => {
      if (where.apiVersion) {
        const away = unset(["DOCKER_API_VERSION"], where.platform);
        return {
          en: `DOCKER_API_VERSION is ${where.apiVersion} in this terminal, but this Docker supports ${theirs} at ${how === "old" ? "least" : "most"}. To choose the version automatically: ${away}`,
          ko: `이 터미널의 DOCKER_API_VERSION 값이 ${where.apiVersion}입니다. 이 Docker가 지원하는 ${how === "old" ? "가장 낮은" : "가장 높은"} 버전은 ${theirs}입니다. 버전을 자동으로 선택하게 하려면: ${away}`,
        };
      }
      const { en, ko } = install(where);
      return how === "old"
        ? {
            en: `The docker command is too old for this Docker Engine: it supports API version ${ours}, but the engine requires ${theirs} or newer. Update the docker command. ${en}`,
            ko: `docker 명령의 버전이 너무 낮아 이 Docker Engine에서 쓸 수 없습니다. docker 명령의 API 버전은 ${ours}인데, 엔진은 ${theirs} 이상을 요구합니다. docker 명령을 업데이트하세요. ${ko}`,
          }
        : {
            en: `The Docker Engine is too old for this docker command: it supports API version ${theirs} at most, but the command uses ${ours}. Update Docker Engine. ${en}`,
            ko: `Docker Engine의 버전이 너무 낮아 이 docker 명령을 쓸 수 없습니다. 엔진은 API 버전 ${theirs}까지 지원하는데, docker 명령의 API 버전은 ${ours}입니다. Docker Engine을 업데이트하세요. ${ko}`,
          };
    },
  ),
  when(/snap-confine|cannot create user data directory|snap "docker"|snap\.docker\./, () => ({
    en: "Docker is installed as a snap, which cannot access this home folder: snaps only have access to folders below /home. Remove the snap (sudo snap remove docker, which deletes its images, containers and volumes), then install Docker Engine: https://docs.docker.com/engine/install/",
    ko: "Docker가 snap으로 설치되어 있어 이 홈 폴더에 접근하지 못합니다. snap은 /home 아래의 폴더에만 접근할 수 있습니다. snap을 제거한 뒤(sudo snap remove docker, snap의 이미지, 컨테이너, 볼륨이 삭제됩니다) Docker Engine을 설치하세요: https://docs.docker.com/engine/install/",
  })),
  when(/permission denied/i, (_, { snap }) => {
    const group = snap
      ? "sudo addgroup --system docker; sudo adduser $USER docker; sudo snap restart docker"
      : "sudo usermod -aG docker $USER";
    return {
      en: `You have no permission to use Docker: permission denied on its socket. Add your user to the docker group, then log out and log in again: ${group}`,
      ko: `Docker를 사용할 권한이 없습니다(소켓 접근 거부: permission denied). 사용자를 docker 그룹에 추가한 뒤 로그아웃했다가 다시 로그인하세요: ${group}`,
    };
  }),
  when(/unix:\/\/\/?(\/run\/user\/\d+\/docker\.sock)/, ([, socket]) => ({
    en: `Rootless Docker is not running (${socket}). Start it, then try again: systemctl --user start docker`,
    ko: `루트리스(rootless) Docker가 실행 중이 아닙니다 (${socket}). 시작한 뒤 다시 시도하세요: systemctl --user start docker`,
  })),
  when(/^/, (_, { host, platform }) => {
    if (!host) return undefined;
    const minikube = /^tcp:\/\/[\d.]+:2376$/.test(host);
    const names = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"];
    const away = unset(minikube ? [...names, "MINIKUBE_ACTIVE_DOCKERD"] : names, platform);
    return {
      en: `DOCKER_HOST is set to ${host} in this terminal, but no Docker answers there.${minikube ? " eval $(minikube docker-env) sets it, and the node may be stopped." : ""} To use the Docker of this machine: ${away}`,
      ko: `이 터미널의 DOCKER_HOST 값이 ${host}인데, 그 주소의 Docker가 응답하지 않습니다.${minikube ? " eval $(minikube docker-env) 명령이 이 값을 설정합니다. 노드가 중지된 상태일 수 있습니다." : ""} 로컬 Docker를 쓰려면: ${away}`,
    };
  }),
  when(/check if the server supports the requested API version/, () => ({
    en: "Docker Desktop is running, but its engine does not answer: it is still starting, or stuck. Wait until Docker Desktop shows that the engine is running, or restart Docker Desktop, then try again.",
    ko: "Docker Desktop의 엔진이 응답하지 않습니다. 아직 시작하는 중이거나 멈춘 상태입니다. 엔진이 실행 중이라고 표시될 때까지 기다리거나 Docker Desktop을 다시 시작한 뒤 시도하세요.",
  })),
  when(/^/, (_, { context, chosen, platform }) => {
    if (!context || context.name === "default") return undefined;
    const { name, address } = context;
    const away = chosen ? unset(["DOCKER_CONTEXT"], platform) : "docker context use default";
    const begin = starts[name] ?? { en: "start it", ko: "시작하세요" };
    return {
      en: `No Docker answers at ${address}, the address of the selected context "${name}". If this Docker is still installed, ${begin.en}. If it was uninstalled: ${away}`,
      ko: `선택한 "${name}" 컨텍스트(${address})의 Docker가 응답하지 않습니다. 이 Docker가 아직 설치되어 있다면 ${begin.ko}. 제거했다면: ${away}`,
    };
  }),
];

/** Why Docker cannot be used, and the next step. */
export interface DockerProblem extends Text {
  /** The only problem is that no Docker is running; installing and starting one would solve it. */
  startable?: true;
}

/** Explains a failure of the `docker` command. */
export function dockerProblem(said: string, where: Where): DockerProblem {
  if (where.missing) {
    const { en, ko } = install(where);
    return {
      startable: true,
      en: `Docker is not installed: there is no docker command. ${en}`,
      ko: `Docker가 설치되어 있지 않습니다(docker 명령이 없음). ${ko}`,
    };
  }
  // Warnings, such as about an unreadable configuration file, are not the reason.
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
    ko: `Docker가 실행 중이 아닙니다(${first}). ${ko}`,
  };
}

/** Reports if an engine answers but cannot run the labs. */
export function wrongEngine({ system, parts }: { system: string; parts: string }, host?: string): Text | undefined {
  if (/podman/i.test(parts)) return dockerProblem(parts, { platform: process.platform, host });
  if (system !== "windows") return undefined;
  return {
    en: "Docker is set to run Windows containers, but the labs use Linux containers. In the menu of Docker Desktop, choose Switch to Linux containers.",
    ko: "Docker가 Windows 컨테이너 모드로 실행 중인데, 실습에는 Linux 컨테이너가 필요합니다. Docker Desktop 메뉴에서 Switch to Linux containers를 선택하세요.",
  };
}
