// What processes of this machine use: one of them, by its pid (Linux), or all together.
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';

/** User and system time, fields 14 and 15 of /proc/<pid>/stat (proc(5)), in ticks of a hundredth of a second. */
export const cpuSecondsOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

/** Memory that is really there, now: VmRSS of /proc/<pid>/status. */
export const residentBytesOf = (pid: number): number => statusBytes(pid, /^VmRSS:\s+(\d+) kB$/m);

/** The most that there ever was: VmHWM. */
export const peakBytesOf = (pid: number): number => statusBytes(pid, /^VmHWM:\s+(\d+) kB$/m);

const statusBytes = (pid: number, field: RegExp): number => {
  const [, kilobytes = Number.NaN] = field.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
};

/** From now on: call what is returned for the share of all cores that was busy since, 0 to 1. */
export const watchMachine = (): (() => number) => {
  const before = machineTimes();
  return () => {
    const now = machineTimes();
    return 1 - (now.idle - before.idle) / (now.total - before.total);
  };
};

const machineTimes = (): { idle: number; total: number } => {
  const times = os.cpus().map((cpu) => cpu.times);
  const total = times.flatMap((each) => Object.values(each)).reduce((sum, ms) => sum + ms, 0);
  return { idle: times.reduce((sum, { idle }) => sum + idle, 0), total };
};

/** From now on: of the time that processes of this machine wanted to run, the share its host gave to others, 0 to 1. Undefined where nobody tells. */
export const watchStolen = (): (() => number | undefined) => {
  const before = readStat();
  return () => stolenShare(before, readStat());
};

const readStat = (): string => (existsSync('/proc/stat') ? readFileSync('/proc/stat', 'utf8') : '');

/** Between two readings of /proc/stat (proc(5)). */
export const stolenShare = (before: string, after: string): number | undefined => {
  const [earlier, later] = [ticksOf(before), ticksOf(after)];
  if (earlier === undefined || later === undefined) return undefined;
  const stolen = later.stolen - earlier.stolen;
  return stolen / Math.max(stolen + later.run - earlier.run, 1);
};

/** Of all cores, in hundredths of a second. */
const ticksOf = (stat: string): { readonly run: number; readonly stolen: number } | undefined => {
  const [, fields] = /^cpu +(.*)$/m.exec(stat) ?? [];
  if (fields === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] = fields
    .split(' ')
    .map(Number);
  return { run: user + nice + system + irq + softirq, stolen };
};
