// What a process of this machine has used, by its pid (Linux).
import { readFileSync } from 'node:fs';

/** User and system time, fields 14 and 15 of /proc/<pid>/stat (proc(5)), in ticks of a hundredth of a second. */
export const cpuSecondsOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

/** Memory that is really there, now: VmRSS of /proc/<pid>/status. */
export const residentBytesOf = (pid: number): number => {
  const [, kilobytes = Number.NaN] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
};
