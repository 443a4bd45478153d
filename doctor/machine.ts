import { statfs } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { attempt } from "../checks/live";
import { Settings } from "../config";
import { Text } from "../text";
import { Ailment, same } from "./ailment";

/** One line about this machine. */
export interface Fact {
  name: Text;
  value: Text;
}

/** What the labs need of this machine, in bytes. */
const need = {
  /** Free on disk: images and volumes of the labs on Docker, and as much again in a cluster's node. */
  disk: { docker: 3 * 2 ** 30, cluster: 8 * 2 ** 30 },
  /** In all: minikube refuses to start with less than 1.8 GB, and Docker and the desktop want some, too. */
  memory: { docker: 1.5 * 2 ** 30, cluster: 3 * 2 ** 30 },
};

/** What a machine has, in bytes. */
export interface Sizes {
  /** Free where this folder is; images lie in the same place unless Docker was told otherwise. */
  disk: number;
  memory: number;
}

export async function sizesOf(folder = process.cwd()): Promise<Sizes> {
  const { bavail, bsize } = await statfs(folder);
  return { disk: bavail * bsize, memory: totalmem() };
}

const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/**
 * Whether this machine is large enough; `up` asks, too, before it makes anything.
 * @param running whether the labs run already: then what they need is taken
 */
export function sizeAilments({ disk, memory }: Sizes, { labs }: Pick<Settings, "labs">, running: boolean): Ailment[] {
  const kind = labs.includes("kubernetes") ? "cluster" : "docker";
  const found: Ailment[] = [];
  const least = running ? 2 ** 30 : need.disk[kind];
  if (disk < least) {
    found.push({
      cause: "disk full",
      what: { en: `Only ${gib(disk)} are free on disk.`, ko: `디스크의 남은 공간이 ${gib(disk)} 뿐입니다.` },
      why: {
        en: `The images and what is stored need ${gib(least)}.`,
        ko: `이미지와 저장할 것에 ${gib(least)} 이(가) 필요합니다.`,
      },
      next: same("docker system df"),
      evidence: [],
    });
  }
  if (memory < need.memory[kind]) {
    found.push({
      cause: "too little memory",
      what: { en: `This machine has ${gib(memory)} of memory.`, ko: `이 컴퓨터의 메모리는 ${gib(memory)} 입니다.` },
      why: {
        en: `The labs that are on need ${gib(need.memory[kind])}.`,
        ko: `켜진 실습에 ${gib(need.memory[kind])} 이(가) 필요합니다.`,
      },
      next: {
        en: "Switch labs off: npm run up -- --labs redis,registry",
        ko: "실습을 줄이세요: npm run up -- --labs redis,registry",
      },
      evidence: [],
    });
  }
  return found;
}

const missing: Text = { en: "not installed; npm run up gets it", ko: "설치되어 있지 않음. npm run up 이 받습니다" };

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
export async function machineFacts({ disk }: Sizes): Promise<Fact[]> {
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
    { name: same("Node.js"), value: same(process.versions.node) },
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
  ];
}
