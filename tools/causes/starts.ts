import { Text } from "../../text";
import { Meaning, row, thenRun } from "./meaning";

/** How to start a container that Docker could not start, and how to re-create it. */
interface Again {
  start: string;
  anew: Text;
  /** How to re-create it if its image or its command is wrong. Default: as `anew`. */
  corrected?: Text;
}

const then =
  (en: string, ko: string) =>
  ({ start }: Again): Text =>
    thenRun(en, ko, start);

/** Messages of Docker about a container that would not start the next time either. */
const refusals: readonly Meaning<[Again]>[] = [
  row(
    /apparmor|selinux|attr\/keycreate|lsetxattr/i,
    "The access control of this system (AppArmor or SELinux) does not let Docker start containers.",
    "시스템의 접근 제어(AppArmor 또는 SELinux)가 Docker의 컨테이너 시작을 막고 있습니다.",
    then(
      "Install its rules for Docker (Debian, Ubuntu: sudo apt-get install apparmor; Fedora: sudo dnf install container-selinux), restart Docker (sudo systemctl restart docker)",
      "Docker용 규칙을 설치하고 (Debian, Ubuntu: sudo apt-get install apparmor, Fedora: sudo dnf install container-selinux) Docker를 다시 시작한 뒤 (sudo systemctl restart docker)",
    ),
  ),
  row(
    /cannot allocate memory|resource temporarily unavailable|newosproc|OOM-killed/,
    "This machine has too little memory left, or too many processes.",
    "이 컴퓨터의 메모리가 부족하거나 프로세스가 너무 많습니다.",
    then(
      "Close other programs, or stop containers that you do not need, which keep their content (docker ps; docker stop NAME)",
      "다른 프로그램을 닫거나 필요 없는 컨테이너를 멈춘 뒤 (docker ps; docker stop 이름, 내용은 유지됩니다)",
    ),
  ),
  row(
    /cgroup|do you need to insmod|Protocol not supported|pair interfaces: operation not supported|modprobe/,
    "This system's kernel lacks what Docker needs (cgroups, or modules for its network), as after an update without a restart.",
    "커널에 Docker에 필요한 기능(cgroup 또는 네트워크 모듈)이 없습니다. 업데이트한 뒤 다시 시작하지 않았을 때 이렇게 됩니다.",
    then("Restart this machine (with WSL: wsl --shutdown)", "컴퓨터를 다시 시작한 뒤 (WSL에서는 wsl --shutdown)"),
  ),
  row(
    /network (?:id )?\S+ not found/,
    "Its network was removed.",
    "컨테이너의 네트워크가 삭제되었습니다.",
    ({ anew }) => anew,
  ),
  row(
    /No chain\/target\/match by that name|chain '[^']*' does not exist|(?:RULE_\w+ failed|process rule)[^\n]*No such file/i,
    "Docker's rules are gone from the firewall: something restarted it, or removed them.",
    "방화벽이 다시 시작되었거나 누군가 지워서 Docker의 방화벽 규칙이 없습니다.",
    then(
      "Restart Docker, which creates them again (sudo systemctl restart docker)",
      "Docker를 다시 시작하면 규칙이 다시 만들어집니다 (sudo systemctl restart docker). 그런 다음",
    ),
  ),
  row(
    /executable file not found|(?<!\/)exec: [^\n]*(?:no such file or directory|permission denied)/,
    "The command that it should run is not in its image, or cannot be executed.",
    "실행할 명령이 이미지에 없거나 실행할 수 없습니다.",
    ({ anew, corrected }) => corrected ?? anew,
  ),
];

/** Why Docker cannot start a container, and the next step; undefined for an unknown message. */
export function startRefused(said: string, again: Again): { why: Text; next: Text } | undefined {
  const found = refusals.find(({ says }) => says.test(said));
  return found && { why: found.why, next: found.next(again) };
}
