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
  { name: "config", files: ["config.ts"], tests: ["test/config.test.ts"] },
  { name: "review", files: ["review/**/*"], tests: ["test/review/*"] },
  { name: "checks", files: ["checks/*"], tests: ["test/checks/*", "test/doctor/*"] },
  { name: "diagnosis", files: ["diagnosis/*"], tests: ["test/diagnosis.test.ts", "test/diagnosis/*"] },
  // Not the pack's door, which only Pulumi starts.
  {
    name: "policies",
    files: ["policies/rules.ts", "policies/secrets.ts", "policies/enforce.ts"],
    tests: ["test/policies/*"],
  },
  { name: "arguments", files: ["cli/arguments.ts"], tests: ["test/cli/arguments.test.ts"] },
];
