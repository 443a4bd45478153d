import { quantityToScalar } from "@kubernetes/client-node/dist/util.js";
import type { V1StorageClass } from "@kubernetes/client-node";
import { project, Settings } from "../../config";
import { Text } from "../../text";
import { State } from "./stack";

/** A version of MySQL as numbers; undefined where a tag does not say it. */
function versionOf(image: string): [number, number, number] | undefined {
  const [, major, minor, patch] = /:(\d+)\.(\d+)(?:\.(\d+))?(?![\d.])[^/]*$/.exec(image.replace(/@.*$/, "")) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch ?? 0)];
}

const compare = (one: readonly number[], other: readonly number[]) =>
  one.map((number, i) => number - (other[i] ?? 0)).find((difference) => difference !== 0) ?? 0;

/**
 * Series that can only be passed one after the other: each takes data of the one before, and of what came between.
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

/** Why MySQL does not take data of another version: there is no way back, or only by way of a series between. */
export function refusedBy(from: string, to: string): "no way back" | { by: string } | undefined {
  const [was, is] = [versionOf(from), versionOf(to)];
  if (!was || !is || compare(was, is) === 0) return undefined;
  const [series, wanted] = [was.slice(0, 2), is.slice(0, 2)];
  if (compare(is, was) < 0) {
    // Only within one of the series that are kept up for long, and not yet in 8.0.
    const kept = stations.slice(4).some((station) => compare(station, series) === 0);
    return kept && compare(series, wanted) === 0 ? undefined : "no way back";
  }
  const next = stations.find((station) => compare(station, series) > 0);
  if (compare(series, wanted) === 0 || !next || compare(wanted, next) <= 0) return undefined;
  return { by: next.join(".") };
}

/** The image of MySQL that each lab's data was written by, out of the state. */
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

/** Versions of MySQL that would not start on the data that is there. */
export function versionProblems({ labs, mysqlImage }: Settings, state: State): Text[] {
  return writtenBy(state).flatMap(({ lab, image }): Text[] => {
    const refused = labs.includes(lab) ? refusedBy(image, mysqlImage) : undefined;
    if (refused === undefined) return [];
    const key = `${project}:mysqlImage`;
    const anew = `npm run destroy -- --labs ${lab}`;
    if (refused === "no way back") {
      return [
        {
          en: `Setting ${key} is "${mysqlImage}": the data of lab ${lab} was written by ${image}, and MySQL does not go back to an older version. Put it back (${key}: ${image}). Or begin with new data, posts and uploads are lost: ${anew}`,
          ko: `설정 ${key} 값이 "${mysqlImage}"입니다: ${lab} 실습의 데이터는 ${image} 이미지가 기록했고 MySQL은 더 오래된 버전으로 돌아가지 못합니다. 되돌리세요 (${key}: ${image}). 글과 업로드를 잃어도 된다면 새로 시작: ${anew}`,
        },
      ];
    }
    return [
      {
        en: `Setting ${key} is "${mysqlImage}": the data of lab ${lab} was written by ${image}, and MySQL takes it over only by way of ${refused.by}. First ${key}: mysql:${refused.by} and npm run up, then this one.`,
        ko: `설정 ${key} 값이 "${mysqlImage}"입니다: ${lab} 실습의 데이터는 ${image} 이미지가 기록했고 MySQL은 ${refused.by} 버전을 거쳐야만 이어받습니다. 먼저 ${key}: mysql:${refused.by} 설정으로 npm run up, 그다음에 이 버전으로 바꾸세요.`,
      },
    ];
  });
}

interface Claim {
  metadata?: { name?: string; namespace?: string };
  spec?: { storageClassName?: string; resources?: { requests?: { storage?: string } } };
}

/** The sizes that the lab's claims were asked to have, by the setting that has it now. */
export function claimsOf(state: State, { kubernetesNamespace, mysqlStorage, wordpressStorage }: Settings) {
  const wanted = { mysql: mysqlStorage, wordpress: wordpressStorage };
  return (["mysql", "wordpress"] as const).flatMap((workload) => {
    const resource = state.resources.find(
      ({ type, id }) =>
        type === "kubernetes:core/v1:PersistentVolumeClaim" && id === `${kubernetesNamespace}/${workload}-data`,
    );
    const { storageClassName } = ((resource?.outputs ?? resource?.inputs) as Claim | undefined)?.spec ?? {};
    const storage = (resource?.inputs as Claim | undefined)?.spec?.resources?.requests?.storage;
    return storage === undefined
      ? []
      : [
          {
            key: `${project}:${workload}Storage`,
            name: `${workload}-data`,
            storageClassName,
            storage,
            now: wanted[workload],
          },
        ];
  });
}

/** Claims that Kubernetes would not give the size that the settings have now. */
export function claimProblems(
  settings: Settings,
  state: State,
  storageClasses: readonly V1StorageClass[] | undefined,
): Text[] {
  return claimsOf(state, settings).flatMap(({ key, name, storageClassName, storage, now }): Text[] => {
    const difference = Number(quantityToScalar(now)) - Number(quantityToScalar(storage));
    if (difference === 0) return [];
    if (difference < 0) {
      return [
        {
          en: `Setting ${key} is "${now}": claim ${name} has ${storage}, and Kubernetes makes no claim smaller. Put it back (${key}: ${storage}).`,
          ko: `설정 ${key} 값이 "${now}"입니다: 볼륨 클레임 ${name}의 크기는 ${storage}이며 쿠버네티스는 클레임을 줄이지 못합니다. 되돌리세요 (${key}: ${storage}).`,
        },
      ];
    }
    const found = storageClasses?.find(({ metadata }) => metadata?.name === storageClassName);
    // Where we may not see the classes, the cluster itself will say it.
    if (!found || found.allowVolumeExpansion) return [];
    return [
      {
        en: `Setting ${key} is "${now}": claim ${name} has ${storage}, and storage class ${storageClassName} cannot grow claims. Put it back (${key}: ${storage}).`,
        ko: `설정 ${key} 값이 "${now}"입니다: 볼륨 클레임 ${name}의 크기는 ${storage}이며 스토리지 클래스 ${storageClassName}에서는 클레임을 늘릴 수 없습니다. 되돌리세요 (${key}: ${storage}).`,
      },
    ];
  });
}
