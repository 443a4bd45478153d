import type { V1StorageClass } from "@kubernetes/client-node";
import { quantity } from "../../config/quantity";
import { project, Settings } from "../../config";
import { Text } from "../../text";
import { State } from "./stack";

function versionOf(image: string): [number, number, number] | undefined {
  const [, major, minor, patch] = /:(\d+)\.(\d+)(?:\.(\d+))?(?![\d.])[^/]*$/.exec(image.replace(/@.*$/, "")) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch ?? 0)];
}

const compare = (one: readonly number[], other: readonly number[]) =>
  one.map((number, i) => number - (other[i] ?? 0)).find((difference) => difference !== 0) ?? 0;

/**
 * Series that cannot be skipped in an upgrade: each can read the data of the previous one and of the versions in between.
 * @see https://dev.mysql.com/doc/refman/9.7/en/upgrade-paths.html
 */
const stations: [number, number][] = [
  [5, 5],
  [5, 6],
  [5, 7],
  [8, 0],
  [8, 4],
  [9, 7],
];

/** Why MySQL cannot read the data of another version: it is a downgrade, or a series in between cannot be skipped. */
export function refusedBy(from: string, to: string): "no way back" | { by: string } | undefined {
  const [was, is] = [versionOf(from), versionOf(to)];
  if (!was || !is || compare(was, is) === 0) return undefined;
  const [series, wanted] = [was.slice(0, 2), is.slice(0, 2)];
  if (compare(is, was) < 0) {
    // Downgrades are supported within LTS series only, that is from 8.4 on.
    const kept = stations.slice(4).some((station) => compare(station, series) === 0);
    return kept && compare(series, wanted) === 0 ? undefined : "no way back";
  }
  const next = stations.find((station) => compare(station, series) > 0);
  if (compare(series, wanted) === 0 || !next || compare(wanted, next) <= 0) return undefined;
  return { by: next.join(".") };
}

/** The MySQL image that wrote the data of each lab, from the state. */
function writtenBy(state: State): { lab: "compose" | "kubernetes"; image: string }[] {
  return state.resources.flatMap(({ type, urn, inputs }): { lab: "compose" | "kubernetes"; image: string }[] => {
    const name = urn.split("::").pop() ?? "";
    if (type === "docker:index/remoteImage:RemoteImage" && /mysql-image$/.test(name)) {
      return typeof inputs?.name === "string" ? [{ lab: "compose", image: inputs.name }] : [];
    }
    if (type !== "kubernetes:apps/v1:Deployment") return [];
    const { metadata, spec } = (inputs ?? {}) as {
      metadata?: { name?: string };
      spec?: { template?: { spec?: { containers?: { image?: string }[] } } };
    };
    const image = metadata?.name === "mysql" ? spec?.template?.spec?.containers?.[0]?.image : undefined;
    return image === undefined ? [] : [{ lab: "kubernetes", image }];
  });
}

/** Finds MySQL versions that cannot read the existing data. */
export function versionProblems({ labs, mysqlImage }: Settings, state: State): Text[] {
  return writtenBy(state).flatMap(({ lab, image }): Text | Text[] => {
    const refused = labs.includes(lab) ? refusedBy(image, mysqlImage) : undefined;
    if (refused === undefined) return [];
    const key = `${project}:mysqlImage`;
    const anew = `npm run destroy -- --labs ${lab}`;
    if (refused === "no way back") {
      return {
        en: `Setting ${key} is "${mysqlImage}", but the data of the ${lab} lab was written by ${image}, and MySQL does not support downgrades. Restore the previous value (${key}: ${image}). Or start with new data, which deletes posts and uploads: ${anew}`,
        ko: `${key} 설정의 값이 "${mysqlImage}"인데, ${lab} 실습의 데이터는 ${image} 이미지에서 기록한 것입니다. MySQL은 이전 버전으로 다운그레이드할 수 없습니다. 설정을 되돌리세요(${key}: ${image}). 글과 업로드가 삭제되어도 괜찮다면 새로 시작할 수 있습니다: ${anew}`,
      };
    }
    return {
      en: `Setting ${key} is "${mysqlImage}", but the data of the ${lab} lab was written by ${image}, which has to be upgraded to ${refused.by} first. Set ${key}: mysql:${refused.by} and run npm run up, then use this version.`,
      ko: `${key} 설정의 값이 "${mysqlImage}"인데, ${lab} 실습의 데이터는 ${image} 이미지에서 기록한 것이므로 먼저 ${refused.by} 버전으로 업그레이드해야 합니다. ${key}: mysql:${refused.by} 설정으로 npm run up을 실행한 뒤 이 버전으로 바꾸세요.`,
    };
  });
}

interface Claim {
  metadata?: { name?: string; namespace?: string };
  spec?: { storageClassName?: string; resources?: { requests?: { storage?: string } } };
}

export function claimsOf(state: State, { kubernetesNamespace, mysqlStorage, wordpressStorage }: Settings) {
  const wanted = { mysql: mysqlStorage, wordpress: wordpressStorage };
  return (["mysql", "wordpress"] as const).flatMap((workload) => {
    const resource = state.resources.find(
      ({ type, id }) =>
        type === "kubernetes:core/v1:PersistentVolumeClaim" && id === `${kubernetesNamespace}/${workload}-data`,
    );
    const { storageClassName } = ((resource?.outputs ?? resource?.inputs) as Claim | undefined)?.spec ?? {};
    const storage = (resource?.inputs as Claim | undefined)?.spec?.resources?.requests?.storage;
    if (storage === undefined) return [];
    return {
      ...{ key: `${project}:${workload}Storage`, name: `${workload}-data`, now: wanted[workload] },
      ...{ storageClassName, storage },
    };
  });
}

export function claimProblems(
  settings: Settings,
  state: State,
  storageClasses: readonly V1StorageClass[] | undefined,
): Text[] {
  return claimsOf(state, settings).flatMap(({ key, name, storageClassName, storage, now }): Text | Text[] => {
    const difference = (quantity(now) ?? 0) - (quantity(storage) ?? 0);
    if (difference === 0) return [];
    if (difference < 0) {
      return {
        en: `Setting ${key} is "${now}", but the PersistentVolumeClaim ${name} has ${storage}, and Kubernetes cannot shrink it. Restore the previous value (${key}: ${storage}).`,
        ko: `${key} 설정의 값이 "${now}"인데, ${name} PVC의 현재 크기는 ${storage}입니다. 쿠버네티스에서는 PVC의 크기를 줄일 수 없습니다. 설정을 되돌리세요(${key}: ${storage}).`,
      };
    }
    const found = storageClasses?.find(({ metadata }) => metadata?.name === storageClassName);
    // If the classes cannot be listed, the cluster itself reports the problem later.
    if (!found || found.allowVolumeExpansion) return [];
    return {
      en: `Setting ${key} is "${now}", but the PersistentVolumeClaim ${name} has ${storage}, and the storage class ${storageClassName} does not support expansion. Restore the previous value (${key}: ${storage}).`,
      ko: `${key} 설정의 값이 "${now}"인데, ${name} PVC의 현재 크기는 ${storage}입니다. ${storageClassName} 스토리지 클래스에서는 PVC의 크기를 늘릴 수 없습니다. 설정을 되돌리세요(${key}: ${storage}).`,
    };
  });
}
