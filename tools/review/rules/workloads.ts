import { dockerLabelKeys, kubernetesLabelKeys } from "../../../components/names";
import { quantity } from "../../../config/quantity";
import { podOf } from "../openings";
import { Change, Inputs } from "../resources/model";
import { at, objectsAt, shown } from "../resources/values";
import { keepsDatabase } from "./mounts";
import { arrow, arrows, because, code, Rule, stays, warning } from "./rule";

const numberOf = (value: unknown) => quantity(shown(value));

const hasClaim = ({ type, after }: Change) =>
  objectsAt(podOf(type, after), "volumes").some((volume) => at(volume, "persistentVolumeClaim") !== undefined);

const replicas: Rule = (change) => {
  if (podOf(change.type, change.after) === undefined || !change.type.startsWith("kubernetes:apps/")) return [];
  const count = (inputs: Inputs | undefined) => (inputs ? Number(at(inputs, "spec.replicas") ?? 1) : undefined);
  const [was, is] = [count(change.before), count(change.after)];
  if (is === was) return [];
  if (is === 0) {
    return warning(change, "availability", true, {
      en: `${code(change)} has no replica: it does not run.`,
      ko: `${code(change)} 리소스의 레플리카가 0개여서 실행되지 않습니다.`,
    });
  }
  if ((is ?? 1) > 1 && keepsDatabase(change)) {
    return warning(change, "availability", true, {
      en: `${code(change)}: ${is} replicas of a database on one volume. They are not one database: they block or ruin each other's files.`,
      ko: `${code(change)}: 볼륨 하나에 데이터베이스 레플리카가 ${is}개입니다. 하나의 데이터베이스가 되지 않고, 서로의 파일을 막거나 망가뜨립니다.`,
    });
  }
  return [];
};

/** In which order pods are replaced. */
export const strategy: Rule = (change) => {
  if (!stays(change) || !hasClaim(change) || change.type !== "kubernetes:apps/v1:Deployment") return [];
  const of = (inputs: Inputs | undefined) => shown(at(inputs, "spec.strategy.type") ?? "RollingUpdate");
  const [was, is] = [of(change.before), of(change.after)];
  if (was !== "Recreate" || is === "Recreate") return [];
  const database = keepsDatabase(change);
  return warning(change, "availability", database, {
    en: `${code(change)}: ${was} → ${is}. The new pod starts while the old one still has the volume${database ? ": two databases on the same files, or an update that never ends" : ", which it may not get"}.`,
    ko: `${code(change)}: ${was} → ${is}. 이전 파드가 볼륨을 쓰는 동안 새 파드가 시작합니다.${database ? " 같은 파일을 쓰는 데이터베이스가 둘이 되거나 업데이트가 끝나지 않습니다." : " 새 파드는 볼륨을 얻지 못할 수 있습니다."}`,
  });
};

const quotaType = "kubernetes:core/v1:ResourceQuota";

/** Less memory than before, or nobody who notices that it is ill. */
const limits: Rule = (change) => {
  if (!stays(change) || change.type === quotaType) return [];
  const warnings = change.properties.filter(({ path, old, new: now }) => {
    const [was, is] = [numberOf(old), numberOf(now)];
    return /limits\.memory$|^memory$/.test(path) && is !== undefined && (was === undefined || is < was);
  });
  const probes = new Set(
    change.properties
      .filter(({ path, new: now }) => now === undefined && /(readiness|liveness|startup)Probe|^healthcheck/.test(path))
      .map(({ path }) => /(\w+Probe|healthcheck)/.exec(path)?.[1] ?? "")
      .filter((probe) => !JSON.stringify(change.after).includes(`"${probe}"`)),
  );
  return [
    ...warnings.map((property) =>
      warning(change, "availability", false, {
        en: `${code(change)} gets less memory (${arrow(property)}): it is killed when it needs more.`,
        ko: `${code(change)} 리소스의 메모리가 줄어듭니다 (${arrow(property)}). 더 필요하면 강제로 종료됩니다.`,
      }),
    ),
    ...[...probes].map((probe) =>
      warning(change, "availability", false, {
        en: `${code(change)} loses its ${probe}: nothing notices any more when it does not work.`,
        ko: `${code(change)} 리소스의 ${probe} 설정이 없어져, 작동하지 않아도 알아차리지 못합니다.`,
      }),
    ),
  ];
};

/** Sizes of claims: they may grow where the class allows it, and never shrink. */
const claimSize: Rule = (change) => {
  if (change.type !== "kubernetes:core/v1:PersistentVolumeClaim" || change.op !== "update") return [];
  const size = (inputs: Inputs | undefined) => at(inputs, "spec.resources.requests.storage");
  const [was, is] = [numberOf(size(change.before)), numberOf(size(change.after))];
  const why = because(change);
  if (was === undefined ? shown(size(change.before)) === shown(size(change.after)) : was === is) return [];
  const shrinks =
    was === undefined || is === undefined
      ? { en: "it is unknown whether its size grows or shrinks", ko: "크기가 늘어나는지 줄어드는지 알 수 없습니다" }
      : { en: "it cannot shrink", ko: "크기를 줄일 수 없습니다" };
  return was === undefined || is === undefined || is < was
    ? warning(change, "failure", true, {
        en: `${code(change)}: ${shrinks.en}${why.en}. Kubernetes refuses to shrink a claim, and \`up\` fails halfway. To keep the data, restore it into a new claim.`,
        ko: `${code(change)}: ${shrinks.ko}${why.ko}. 쿠버네티스는 PVC를 줄이지 않으므로 \`up\` 명령이 도중에 실패합니다. 데이터를 지키려면 새 PVC로 옮기세요.`,
      })
    : warning(change, "failure", false, {
        en: `${code(change)} grows${why.en}, which requires a storage class with allowVolumeExpansion. minikube's class \`standard\` does not have it: \`up\` fails there, and no data is lost.`,
        ko: `${code(change)}: 크기가 늘어납니다${why.ko}. 스토리지 클래스에 allowVolumeExpansion 설정이 있어야 합니다. minikube의 \`standard\` 클래스에는 없어서 \`up\` 명령이 실패하지만, 데이터는 잃지 않습니다.`,
      });
};

/** What a namespace may take: more than before is somebody else's share, less may be refused to those who work in it. */
const quotas: Rule = (change) =>
  change.properties
    .filter(({ path }) => stays(change) && change.type === quotaType && path.startsWith("spec.hard."))
    .map((property) =>
      warning(change, "exposure", property.new === undefined, {
        en: `${code(change)}: its namespace gets another share of the cluster (${arrow(property)}). With more, it takes from others; with less, new pods, claims or objects may be refused.`,
        ko: `${code(change)}: 네임스페이스가 쓸 수 있는 클러스터의 몫이 바뀝니다 (${arrow(property)}). 늘면 다른 쪽의 몫이 줄고, 줄면 새 파드, 클레임, 오브젝트가 거부될 수 있습니다.`,
      }),
    );

/** By these labels the commands find what is this stack's. */
const ownership: Rule = (change) => {
  const keys: string[] = [...Object.values(dockerLabelKeys), ...Object.values(kubernetesLabelKeys)];
  const touched = stays(change)
    ? change.properties.filter(({ path }) => /labels/.test(path) && keys.some((key) => path.includes(key)))
    : [];
  if (touched.length === 0) return [];
  return warning(change, "availability", false, {
    en: `${code(change)}: ${arrows(touched)}. \`up\` and \`destroy\` find what is theirs by these labels.`,
    ko: `${code(change)}: ${arrows(touched)}. \`up\`, \`destroy\` 명령은 이 레이블로 자기 리소스를 찾습니다.`,
  });
};

export const workloadRules: Rule[] = [replicas, strategy, limits, claimSize, quotas, ownership];
