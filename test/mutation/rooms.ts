/** What is mutated together, and the unit tests that have to notice. Patterns are those of tsconfig's `include`. */
export interface Room {
  name: string;
  files: string[];
  tests: string[];
}

/** The rooms that the floor is held in. */
export const rooms: Room[] = [
  {
    name: "components",
    files: ["components/*"],
    tests: ["test/components/*", "test/index.test.ts", "test/editions.test.ts"],
  },
  {
    name: "config",
    files: ["config.ts", "config/*"],
    tests: ["test/config.test.ts", "test/config/*", "test/docker/image-names.test.ts"],
  },
  {
    name: "review",
    files: ["tools/review/*", "tools/review/openings/*", "tools/review/resources/*", "tools/review/rules/*"],
    tests: ["test/review/*"],
  },
  { name: "checks", files: ["tools/checks/**/*"], tests: ["test/checks/*"] },
  { name: "causes", files: ["tools/causes/*"], tests: ["test/causes/*"] },
  // Not what asks a cluster, which the end-to-end tests have.
  {
    name: "see",
    files: ["a*", "d*", "e*", "n*", "o*", "pa*", "s*", "t*", "why*"].map((some) => `tools/see/${some}`),
    tests: ["test/see/*"],
  },
  // Not the entry of the pack, which only Pulumi starts.
  {
    name: "policies",
    files: ["tools/review/policies/rules.ts", "tools/review/policies/secrets.ts", "tools/review/policies/enforce.ts"],
    tests: ["test/review/policies-*"],
  },
  {
    name: "arguments",
    files: ["tools/terminal/arguments.ts", "tools/terminal/options.ts"],
    tests: ["test/terminal/arguments.test.ts"],
  },
];
