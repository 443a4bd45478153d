import { freemem, totalmem } from "node:os";
import { attempt } from "../facts/live";
import { Text } from "../../../text";
import { same } from "../../causes/ailment";
import { gib, Sizes } from "./size";
import { endedFacts, Fact, nodeFact } from "./versions";

const missing: Text = { en: "not on PATH; npm run up gets its own", ko: "PATH 에 없음. npm run up 이 따로 받습니다" };

async function version(program: string, args: string[], pattern: RegExp): Promise<Text | undefined> {
  try {
    const { stdout } = await attempt(program, args);
    const found = pattern.exec(stdout)?.[1];
    return found === undefined ? undefined : same(found);
  } catch {
    return undefined;
  }
}

/** The tools and what they are, and how large this machine is. */
export async function machineFacts({ disk }: Sizes, now = new Date()): Promise<Fact[]> {
  const number = /v?(\d+\.\d+\.\d+[^\s"]*)/;
  const [docker, compose, pulumi, minikube, kubectl] = await Promise.all([
    version("docker", ["version", "--format", "{{.Server.Version}}"], number),
    version("docker", ["compose", "version", "--short"], number),
    version("pulumi", ["version"], number),
    version("minikube", ["version", "--short"], number),
    version("kubectl", ["version", "--client"], number),
  ]);
  const byHand: Text = {
    en: "not installed; only needed for the by-hand edition",
    ko: "설치되어 있지 않음. 직접 해 볼 때만 필요합니다",
  };
  return [
    nodeFact(process.versions.node, now),
    { name: same("Docker"), value: docker ?? { en: "does not answer", ko: "응답하지 않음" } },
    { name: same("docker compose"), value: compose ?? byHand },
    { name: same("Pulumi"), value: pulumi ?? missing },
    { name: same("minikube"), value: minikube ?? missing },
    { name: same("kubectl"), value: kubectl ?? byHand },
    {
      name: { en: "memory", ko: "메모리" },
      value: {
        en: `${gib(totalmem())}, ${gib(freemem())} free`,
        ko: `${gib(totalmem())}, 남은 것 ${gib(freemem())}`,
      },
    },
    { name: { en: "disk", ko: "디스크" }, value: { en: `${gib(disk)} free`, ko: `남은 것 ${gib(disk)}` } },
    ...endedFacts(now),
  ];
}
