import { Change, Inputs, Warning } from "./resources/model";
import { differences, secret } from "./resources/values";
import { code, warning } from "./rules/rule";

/** Where the rules look: a secret there hides from them whether something is lost or opened. */
const places = {
  container:
    "ports|volumes|mounts|tmpfs|networksAdvanced|networkMode|privileged|capabilities|securityOpts|devices|groupAdds|user",
  role: "rules|subjects|roleRef",
  spec: "ports|type|selector|podSelector|ingress|egress|volumes|securityContext",
  podContainer: "image|ports|securityContext|volumeMounts",
};
const inPod = String.raw`(?:initC|c)ontainers(?:\[[\w-]+\](?:\.(?:${places.podContainer}))?)?`;
const inSpec = String.raw`spec(?:\.(?:jobTemplate|template|spec))*(?:\.(?:${places.spec}|${inPod}))?`;
const looked = new RegExp(`^(?:${places.container}|${places.role}|metadata|${inSpec})$`);

const spots = (inputs: Inputs | undefined): string[] =>
  inputs
    ? differences({}, inputs)
        .filter(({ path, new: value }) => value === secret && looked.test(path))
        .map(({ path }) => path)
    : [];

export function blind(change: Change): Warning[] {
  const { op, properties, before, after } = change;
  if (op === "delete") return [];
  const differs = (spot: string) => op === "create" || properties.some(({ path }) => path.startsWith(spot));
  return [...new Set([...spots(before), ...spots(after)])].filter(differs).map((spot) => {
    const what = `${code(change)}: \`${spot}\``;
    return warning(change, "unknown", true, {
      en: `${what} is a secret as a whole, so its openings and losses cannot be checked. Mark only the password inside it as a secret.`,
      ko: `${what} 전체가 비밀 값이어서 무엇이 열리고 무엇을 잃는지 볼 수 없습니다. 그 안의 암호만 비밀 값으로 표시하세요.`,
    });
  });
}
