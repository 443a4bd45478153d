import { StepEventMetadata } from "@pulumi/pulumi/automation";
import { LabError, lines, Text } from "../../text";

/** Resources that hold what a student made, or without which it cannot be reached any more. */
const holdsData: Record<string, (name: string) => Text> = {
  "docker:index/volume:Volume": (name) => ({
    en: `volume ${name}: everything stored in it (posts, uploads, the database)`,
    ko: `볼륨 ${name}: 저장된 모든 것 (글, 업로드, 데이터베이스)`,
  }),
  "kubernetes:core/v1:PersistentVolumeClaim": (name) => ({
    en: `claim ${name}: everything stored in it (posts, uploads, the database)`,
    ko: `볼륨 클레임 ${name}: 저장된 모든 것 (글, 업로드, 데이터베이스)`,
  }),
  "kubernetes:core/v1:Namespace": (name) => ({
    en: `namespace ${name}: everything in it`,
    ko: `네임스페이스 ${name}: 그 안의 모든 것`,
  }),
  "random:index/randomPassword:RandomPassword": (name) => ({
    en: `password ${name}: the database keeps the old one, so that WordPress could not log in any more`,
    ko: `암호 ${name}: 데이터베이스에는 이전 암호가 남으므로 WordPress 가 로그인할 수 없게 됩니다`,
  }),
};

/** Containers in which a student works; what they wrote there goes with the container. */
const isRegistryContainer = (urn: string) => urn.includes("course:labs:RegistryLab$docker:index/container:Container::");

/** Whether a resource is a password: the database keeps it, whatever becomes of the resource. */
export const isPassword = ({ type }: { type: string }) => type === "random:index/randomPassword:RandomPassword";

/** What is asked of a step: that of a state has all of it, one of a review at least its URN. */
export type LosingStep = Pick<StepEventMetadata, "op" | "urn" | "type"> & {
  provider?: string;
  old?: { id?: string; inputs?: Record<string, unknown>; outputs?: Record<string, unknown> };
};

/** What Docker and Kubernetes call an object, as far as the step tells; else what Pulumi does. */
function nameOf({ urn, type, old }: LosingStep): string {
  const called = old?.outputs?.name ?? old?.inputs?.name;
  if (type.startsWith("docker:") && typeof called === "string") return called;
  // Of Kubernetes the id is namespace/name.
  if (type.startsWith("kubernetes:") && old?.id) return old.id;
  return urn.split("::").pop() ?? urn;
}

/** What steps would remove or replace of what a student made. */
export function losses(steps: readonly LosingStep[]): Text[] {
  const found = new Map<string, Text>();
  for (const step of steps) {
    const { op, urn, type } = step;
    if (op !== "delete" && op !== "replace" && op !== "delete-replaced") continue;
    const name = nameOf(step);
    const text = isRegistryContainer(urn)
      ? { en: `container ${name}: what was written inside it`, ko: `컨테이너 ${name}: 그 안에서 작성한 것` }
      : holdsData[type]?.(name);
    if (text) found.set(urn, text);
  }
  return [...found.values()];
}

/** The refusal to lose data that nobody was told about. */
export function refusal(lost: Text[]): LabError {
  const listed = lines(lost.map(({ en, ko }) => ({ en: `  - ${en}`, ko: `  - ${ko}` })));
  return new LabError({
    en: `Nothing was changed, because this would be lost:\n${listed.en}\nSee what causes it with: npm run preview. To go on and lose it: npm run up -- --allow-data-loss`,
    ko: `다음을 잃게 되므로 아무것도 바꾸지 않았습니다:\n${listed.ko}\n원인 보기: npm run preview. 잃어도 괜찮으면: npm run up -- --allow-data-loss`,
  });
}
