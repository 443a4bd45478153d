import { classComponent, classNames, seatComponent } from "../../components/names";
import { Settings } from "../../config";
import { State, stateIsHere } from "../stack/stack";
import { missing } from "./in-state";

/** One run of the engine. */
export interface Phase {
  /** Pattern for the URNs of resources in a later phase. */
  exclude?: string;
  /** Environment variables that are set to "true". */
  variables: readonly string[];
}

/** The number of seats from which the state is not written after each step. */
export const many = 20;

/**
 * The variables of a run that creates or deletes seats. The engine writes its whole state to a file after each
 * step, which grows faster than the number of seats; for many seats it writes it only at the end.
 */
export const unnoted = (seats: number): readonly string[] =>
  // Only a run whose state is in this folder is cleaned up after.
  seats >= many && stateIsHere() ? ["PULUMI_SKIP_CHECKPOINTS"] : [];

/**
 * The runs of the engine that deploy a stack. Many seats come last: if that run is killed, the next one finds everything that it
 * created in the cluster, by name and label. What only the state contains, such as generated passwords, is written before, step
 * by step.
 */
export function phasesOf(settings: Settings, state: State): Phase[] {
  const seats = missing(classNames(settings), state).filter(({ kind }) => kind === "Namespace");
  const last = { variables: unnoted(seats.length) };
  if (last.variables.length === 0) return [last];
  return [{ exclude: `**${classComponent}$${seatComponent}**`, variables: [] }, last];
}
