/** The lab of what every lab uses: the owner's labels, the providers. */
export const shared = "shared";

/** `urn:pulumi:stack::project::Parent$type::name` */
const partsOf = (urn: string) => {
  const [, , types = "", ...name] = urn.split("::");
  return { types: types.split("$"), name: name.join("::") };
};

/** The name of a resource within its program. */
export const nameOf = (urn: string) => partsOf(urn).name;

/**
 * The lab that a resource is a part of: the component at the top, which is named like its lab.
 * @param parents of every resource, by URN
 */
export function labOf(urn: string, parents: ReadonlyMap<string, string | undefined>): string {
  let top = urn;
  for (;;) {
    const parent = parents.get(top);
    if (!parent || parent.includes("::pulumi:pulumi:Stack::")) break;
    top = parent;
  }
  const { types, name } = partsOf(top);
  const type = types[types.length - 1] ?? "";
  return /^(pulumi|random):/.test(type) || type === "course:labs:LabOwner" ? shared : name;
}

/** `Container compose-mysql`, as people say it. */
export const called = ({ type, name }: { type: string; name: string }) => `${type.split(":").pop()} ${name}`;

/** Components and providers hold others together; by themselves they are nothing that runs. */
export const isBookkeeping = (type: string) => /^(course:|pulumi:pulumi:)/.test(type);
