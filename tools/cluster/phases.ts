import { classComponent, classNames } from "../../components/names";
import { Settings } from "../../config";
import { State, stateIsHere } from "../stack/stack";
import { missing } from "./in-state";

/** One run of the engine. */
export interface Phase {
  /** Pattern for the URNs of what is left to a later phase. */
  exclude?: string;
  /** Environment variables that are set to "true". */
  variables: readonly string[];
}

/** New seats from which on a class is deployed in two phases. */
export const many = 20;

/**
 * The runs of the engine that deploy a stack. It writes its whole state to a file after each step, which takes more than in
 * proportion to the seats of a class. Many seats therefore come last, and their state is written at the end. If that run is
 * killed, the next one finds all that it has created in the cluster, by name and label. What only the state knows, such as
 * generated passwords, is there before, noted step by step.
 */
export function phasesOf(settings: Settings, state: State): Phase[] {
  const seats = missing(classNames(settings), state).filter(({ kind }) => kind === "Namespace");
  // Only a run whose state is in this folder is cleaned up after.
  if (seats.length < many || !stateIsHere()) return [{ variables: [] }];
  return [
    { exclude: `**${classComponent}$course:labs:Seat**`, variables: [] },
    { variables: ["PULUMI_SKIP_CHECKPOINTS"] },
  ];
}
