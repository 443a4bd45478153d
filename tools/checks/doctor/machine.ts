import { freemem, totalmem } from "node:os";
import { attempt } from "../facts/live";
import { same, Text } from "../../../text";
import { gib, Sizes } from "./size";
import { endedFacts, Fact, nodeFact } from "./versions";

const missing: Text = {
  en: "not on PATH; npm run up downloads its own",
  ko: "PATH에 없음 (npm run up이 자동으로 내려받음)",
};

async function version(program: string, args: string[], pattern: RegExp): Promise<Text | undefined> {
  try {
    const { stdout } = await attempt(program, args);
    const found = pattern.exec(stdout)?.[1];
    return found === undefined ? undefined : same(found);
  } catch {
    // It is missing, which is reported.
    return undefined;
  }
}

/** The tools with their versions, and the size of this machine. */
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
    en: "not installed; only needed for the manual version",
    ko: "설치되어 있지 않음 (직접 실행하는 버전에만 필요)",
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
        ko: `${gib(totalmem())} (여유 ${gib(freemem())})`,
      },
    },
    { name: { en: "disk", ko: "디스크" }, value: { en: `${gib(disk)} free`, ko: `여유 ${gib(disk)}` } },
    ...endedFacts(now),
  ];
}
