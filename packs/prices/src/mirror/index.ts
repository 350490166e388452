// What tests and demonstrations of the prices pack use: a mirror of price files on this machine.
export type { Fault } from './faults.ts'
export { startMirror, type Mirror, type MirrorHospital, type MirrorOptions } from './mirror.ts'
