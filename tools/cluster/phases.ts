import { classComponent, classNames, seatComponent } from "../../components/names";
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

/** From how many seats on the state is not written after each step. */
export const many = 20;

/**
 * The variables of a run that creates or deletes a number of seats. The engine writes its whole state to a file after each
 * step, which takes more than in proportion to the seats; with many of them it writes it at the end.
 */
export const unnoted = (seats: number): readonly string[] =>
  // Only a run whose state is in this folder is cleaned up after.
  seats >= many && stateIsHere() ? ["PULUMI_SKIP_CHECKPOINTS"] : [];

/**
 * The runs of the engine that deploy a stack. Many seats come last: if that run is killed, the next one finds all that it has
 * created in the cluster, by name and label. What only the state knows, such as generated passwords, is there before, noted
 * step by step.
 */
export function phasesOf(settings: Settings, state: State): Phase[] {
  const seats = missing(classNames(settings), state).filter(({ kind }) => kind === "Namespace");
  const last = { variables: unnoted(seats.length) };
  if (last.variables.length === 0) return [last];
  return [{ exclude: `**${classComponent}$${seatComponent}**`, variables: [] }, last];
}
