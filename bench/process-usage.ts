// What processes of this machine use: one of them, by its pid (Linux), or all together.
import { readFileSync } from 'node:fs';
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
