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
    en: `If it is installed on Windows, ${integration.en} Otherwise: ${engine.en}`,
    ko: `Windows에 설치되어 있으면 ${integration.ko} 설치되어 있지 않으면 ${engine.ko}`,
  };
}

const integration: Text = {
  en: "start Docker Desktop and enable this distribution in Settings, Resources, WSL integration.",
  ko: "Docker Desktop을 실행한 뒤 Settings, Resources, WSL integration에서 이 배포판을 활성화하세요.",
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
  when(/could not be found in this WSL/, () => ({
    en: `Docker Desktop is not enabled for this WSL distribution. On Windows, ${integration.en} This needs WSL 2; to convert the distribution, run in PowerShell: wsl --set-version NAME 2 (wsl --list shows the name).`,
    ko: `이 WSL 배포판에서 Docker Desktop이 활성화되어 있지 않습니다. Windows에서 ${integration.ko} WSL 2가 필요합니다. 변환하려면 PowerShell에서 실행하세요: wsl --set-version 이름 2 (이름은 wsl --list로 확인).`,
  })),
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
      const [en, ko] = how === "old" ? ["the docker command", "docker 명령을"] : ["Docker Engine", "Docker Engine을"];
      const page = install(where);
      return {
        en: `The docker command uses API version ${ours}, but this Docker Engine supports version ${theirs} at ${how === "old" ? "least" : "most"}. Update ${en}. ${page.en}`,
        ko: `docker 명령의 API 버전은 ${ours}인데, 이 Docker Engine이 지원하는 ${how === "old" ? "가장 낮은" : "가장 높은"} 버전은 ${theirs}입니다. ${ko} 업데이트하세요. ${page.ko}`,
      };
    },
  ),
  when(/snap-confine|cannot create user data directory|snap "docker"|snap\.docker\./, () => ({
    en: "Docker is installed as a snap, which cannot access this home folder: snaps only have access to folders below /home. Remove the snap (sudo snap remove docker, which deletes its images, containers and volumes), then install Docker Engine: https://docs.docker.com/engine/install/",
    ko: "Docker가 snap으로 설치되어 있어 이 홈 폴더에 접근하지 못합니다. snap은 /home 아래의 폴더에만 접근할 수 있습니다. snap을 제거한 뒤(sudo snap remove docker, snap의 이미지, 컨테이너, 볼륨이 삭제됩니다) Docker Engine을 설치하세요: https://docs.docker.com/engine/install/",
  })),
  when(/permission denied|Access is denied/i, (_, { snap, platform }) => {
    const ofLinux = snap
      ? "sudo addgroup --system docker; sudo adduser $USER docker; sudo snap restart docker"
      : "sudo usermod -aG docker $USER";
    const [group, add] =
      platform === "win32" ? ["docker-users", "net localgroup docker-users NAME /add"] : ["docker", ofLinux];
    return {
      en: `You have no permission to use Docker. As an administrator, add your user to the group ${group}, then log out and log in again: ${add}`,
      ko: `Docker를 사용할 권한이 없습니다. 관리자 권한으로 사용자를 ${group} 그룹에 추가한 뒤 로그아웃했다가 다시 로그인하세요: ${add}`,
    };
  }),
  when(/unix:\/\/\/?(\/run\/user\/\d+\/docker\.sock)/, ([, socket]) => ({
    en: `Rootless Docker is not running (${socket}). Start it, then try again: systemctl --user start docker`,
    ko: `루트리스(rootless) Docker가 실행 중이 아닙니다 (${socket}). 시작한 뒤 다시 시도하세요: systemctl --user start docker`,
  })),
  when(/^/, (_, { host, platform }) => {
    if (!host) return undefined;
    const away = unset(["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"], platform);
    return {
      en: `DOCKER_HOST is set to ${host} in this terminal, but no Docker answers there. To use the Docker of this machine: ${away}`,
      ko: `이 터미널의 DOCKER_HOST 값이 ${host}인데, 그 주소의 Docker가 응답하지 않습니다. 로컬 Docker를 쓰려면: ${away}`,
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
    return {
      en: `No Docker answers at ${address}, the address of the selected context "${name}". If this Docker is still installed, start it. If it was uninstalled: ${away}`,
      ko: `선택한 "${name}" 컨텍스트(${address})의 Docker가 응답하지 않습니다. 이 Docker가 아직 설치되어 있다면 시작하세요. 제거했다면: ${away}`,
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
