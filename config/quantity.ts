const decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/**
 * A quantity of Kubernetes as a number; undefined if it is none. The one of @kubernetes/client-node fails for 1.5Gi.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function quantity(text: string): number | undefined {
  const [, digits, exponent = "0", unit = ""] =
    /^(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?([numkKMGTPE]i?)?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  if (decimal.includes(unit)) return Number(`${digits}e${Number(exponent) + 3 * (decimal.indexOf(unit) - 3)}`);
  return binary.includes(unit) ? Number(`${digits}e${exponent}`) * 1024 ** binary.indexOf(unit) : undefined;
}
