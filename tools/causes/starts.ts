import { Text } from "../../text";

/** How a container is started that Docker could not start, and how it is made anew. */
interface Again {
  start: string;
  anew: Text;
  /** How it is made anew where its image or its command is wrong. Default: as `anew`. */
  corrected?: Text;
}

/** What Docker says of a container that no second start would mend, and what it means. */
const refusals: { says: RegExp; why: Text; next: (again: Again) => Text }[] = [
  {
    says: /network (?:id )?\S+ not found/,
    why: { en: "Its network was removed.", ko: "컨테이너의 네트워크가 삭제되었습니다." },
    next: ({ anew }) => anew,
  },
  {
    says: /No chain\/target\/match by that name/,
    why: {
      en: "Docker's rules are gone from the firewall: something restarted it, or removed them.",
      ko: "방화벽이 다시 시작되었거나 누군가 지워서 Docker의 방화벽 규칙이 없습니다.",
    },
    next: ({ start }) => ({
      en: `Restart Docker, which creates them again (sudo systemctl restart docker), then: ${start}`,
      ko: `Docker를 다시 시작하면 규칙이 다시 만들어집니다 (sudo systemctl restart docker). 그런 다음: ${start}`,
    }),
  },
  {
    says: /executable file not found|exec: [^\n]*(?:no such file or directory|permission denied)/,
    why: {
      en: "The command that it should run is not in its image, or cannot be executed.",
      ko: "실행할 명령이 이미지에 없거나 실행할 수 없습니다.",
    },
    next: ({ anew, corrected }) => corrected ?? anew,
  },
];

/** Why Docker cannot start a container, where it says so, and the next step. */
export function startRefused(said: string, again: Again): { why: Text; next: Text } | undefined {
  const found = refusals.find(({ says }) => says.test(said));
  return found && { why: found.why, next: found.next(again) };
}
