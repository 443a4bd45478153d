import { statfs } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { Settings } from "../../../config";
import type { Problem } from "../../causes/problem";
import { roomRemedyOnDocker } from "../../causes/remedies";
import { attempt } from "../facts/live";
import { same, Text } from "../../../text";
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

/** What the labs need, in bytes. */
const need = {
  /** Free on disk: images and volumes of the labs on Docker, and as much again in a cluster's node. */
  disk: { docker: 3 * 2 ** 30, cluster: 8 * 2 ** 30 },
  /** In total: minikube refuses to start with less than 1.8 GB, and Docker and the desktop need some, too. */
  memory: { docker: 1.5 * 2 ** 30, cluster: 3 * 2 ** 30 },
};

/** What a machine has, in bytes. */
interface Sizes {
  /** Free in this folder's file system, which also contains Docker's images by default. */
  disk: number;
  memory: number;
}

export async function sizesOf(folder = process.cwd()): Promise<Sizes> {
  const { bavail, bsize } = await statfs(folder);
  return { disk: bavail * bsize, memory: totalmem() };
}

const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/**
 * Whether this machine is large enough for the labs. These are estimates, so nothing is refused.
 * @param running whether the labs already run: then only a disk that fills up matters
 */
export function sizeProblems({ disk, memory }: Sizes, { labs }: Pick<Settings, "labs">, running: boolean): Problem[] {
  const kind = labs.includes("kubernetes") ? "cluster" : "docker";
  const found: Problem[] = [];
  const least = running ? 2 ** 30 : need.disk[kind];
  if (disk < least) {
    found.push({
      cause: "disk full",
      what: { en: `Only ${gib(disk)} of disk space is free.`, ko: `디스크의 남은 공간은 ${gib(disk)}입니다.` },
      why: {
        en: `Images and stored data need ${gib(least)}.`,
        ko: `이미지와 저장할 데이터에 필요한 공간은 ${gib(least)}입니다.`,
      },
      next: roomRemedyOnDocker("npm run doctor"),
      evidence: [],
    });
  }
  if (!running && memory < need.memory[kind]) {
    found.push({
      cause: "too little memory",
      what: { en: `This machine has ${gib(memory)} of memory.`, ko: `이 컴퓨터의 메모리는 ${gib(memory)}입니다.` },
      why: {
        en: `The enabled labs need ${gib(need.memory[kind])}.`,
        ko: `활성화된 실습에 필요한 메모리는 ${gib(need.memory[kind])}입니다.`,
      },
      next: {
        en: "Enable fewer labs: npm run up -- --labs redis,registry",
        ko: "활성화할 실습을 줄이세요: npm run up -- --labs redis,registry",
      },
      evidence: [],
    });
  }
  return found;
}
