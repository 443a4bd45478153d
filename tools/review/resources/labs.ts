import { classComponent, labComponents } from "../../../components/names";
import { labNames } from "../../../config";

/** The lab of what every lab uses: the owner's labels, the providers. */
export const shared = "shared";

/** `urn:pulumi:stack::project::Parent$type::name` */
const partsOf = (urn: string) => {
  const [, , types = "", ...name] = urn.split("::");
  return { types: types.split("$"), name: name.join("::") };
};

export const nameOf = (urn: string) => partsOf(urn).name;

/** The lab whose component has this type; a class is on the Kubernetes lab's cluster, and goes with it. */
const labOfType = (type: string) =>
  type === classComponent ? "kubernetes" : labNames.find((lab) => labComponents[lab] === type);

/** A resource, what it is in, what that is in and so on. */
function lineOf(urn: string, parents: ReadonlyMap<string, string | undefined>): string[] {
  const line = [urn];
  for (;;) {
    const parent = parents.get(line[line.length - 1]!);
    if (!parent || parent.includes("::pulumi:pulumi:Stack::") || line.includes(parent)) return line;
    line.push(parent);
  }
}

const typeOf = (urn: string) => partsOf(urn).types.pop() ?? "";

/**
 * The lab that a resource is a part of: by the component that makes it, whatever that is called and whatever holds the
 * labs together. What is in no lab goes by the name of what is at the top.
 * @param parents of every resource, by URN
 */
export function labOf(urn: string, parents: ReadonlyMap<string, string | undefined>): string {
  const line = lineOf(urn, parents);
  const lab = line.map((one) => labOfType(typeOf(one))).filter((name) => name !== undefined);
  if (lab.length > 0) return lab[lab.length - 1]!;
  if (line.some((one) => typeOf(one) === "course:labs:LabOwner")) return shared;
  const top = line[line.length - 1]!;
  return /^(pulumi|random):/.test(typeOf(top)) ? shared : nameOf(top);
}

/** `Container compose-mysql`, as people say it. */
export const called = ({ type, name }: { type: string; name: string }) => `${type.split(":").pop()} ${name}`;

/** Whether it is the component of a lab: a class is none by itself, nor is the lab in one of its seats. */
export const isLab = ({ type, urn }: { type: string; urn: string }) =>
  labOfType(type) !== undefined && !partsOf(urn).types.includes(classComponent);
