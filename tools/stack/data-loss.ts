import { StepEventMetadata } from "@pulumi/pulumi/automation";
import { LabError, lines, Text } from "../../text";

/** Resources that contain data of a student, or that are needed to access it. */
const holdsData: Record<string, (name: string) => Text> = {
  "docker:index/volume:Volume": (name) => ({
    en: `volume ${name}: all data stored in it (posts, uploads, the database)`,
    ko: `${name} 볼륨의 모든 데이터(글, 업로드, 데이터베이스)`,
  }),
  "kubernetes:core/v1:PersistentVolumeClaim": (name) => ({
    en: `PersistentVolumeClaim ${name}: all data stored in it (posts, uploads, the database)`,
    ko: `${name} 퍼시스턴트볼륨클레임(PVC)의 모든 데이터(글, 업로드, 데이터베이스)`,
  }),
  "kubernetes:core/v1:Namespace": (name) => ({
    en: `namespace ${name}: everything in it`,
    ko: `${name} 네임스페이스와 그 안의 모든 오브젝트`,
  }),
  "random:index/randomPassword:RandomPassword": (name) => ({
    en: `password ${name}: the database keeps the old password, so WordPress can no longer log in`,
    ko: `${name} 암호(데이터베이스에는 이전 암호가 남아 WordPress가 로그인하지 못하게 됩니다)`,
  }),
};

/** The container that a student works in; files inside it are deleted with it. */
const isRegistryContainer = (urn: string) => urn.includes("course:labs:RegistryLab$docker:index/container:Container::");

/** Reports whether a resource is a password. The database keeps its password even if the resource is deleted. */
export const isPassword = ({ type }: { type: string }) => type === "random:index/randomPassword:RandomPassword";

/** The fields of a step that are used here. A step of a review may have no more than its operation, type and URN. */
export type LosingStep = Pick<StepEventMetadata, "op" | "urn" | "type"> & {
  old?: { id?: string; inputs?: Record<string, unknown>; outputs?: Record<string, unknown> };
};

/** The name in Docker or Kubernetes, if the step includes it, or else the name in Pulumi. */
function nameOf({ urn, type, old }: LosingStep): string {
  const metadata = old?.inputs?.metadata as { namespace?: unknown; name?: unknown } | undefined;
  // For Kubernetes, the id is namespace/name.
  const called = type.startsWith("kubernetes:")
    ? (old?.id ?? [metadata?.namespace, metadata?.name].filter((name) => typeof name === "string").join("/"))
    : type.startsWith("docker:") && (old?.outputs?.name ?? old?.inputs?.name);
  return typeof called === "string" && called !== "" ? called : (urn.split("::").pop() ?? urn);
}

export function losses(steps: readonly LosingStep[]): Text[] {
  const found = new Map<string, Text>();
  for (const step of steps) {
    const { op, urn, type } = step;
    if (op !== "delete" && op !== "replace" && op !== "delete-replaced") continue;
    const name = nameOf(step);
    const text = isRegistryContainer(urn)
      ? { en: `container ${name}: the files written inside it`, ko: `${name} 컨테이너 안에서 만든 파일` }
      : holdsData[type]?.(name);
    if (text) found.set(urn, text);
  }
  return [...found.values()];
}

export function refusal(lost: Text[]): LabError {
  const listed = lines(lost.map(({ en, ko }) => ({ en: `  - ${en}`, ko: `  - ${ko}` })));
  return new LabError({
    en: `Nothing was changed, because this data would be lost:\n${listed.en}\nTo see the reason: npm run preview. To continue and delete this data: npm run up -- --allow-data-loss`,
    ko: `다음 데이터가 삭제되므로 아무것도 변경하지 않았습니다.\n${listed.ko}\n원인을 확인하려면: npm run preview. 데이터를 삭제하고 계속하려면: npm run up -- --allow-data-loss`,
  });
}
