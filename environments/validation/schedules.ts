/**
 * Schedules of Application Auto Scaling, `cron(...)` and `at(...)`: their fields, and the times at which they fire.
 * Sources: Application Auto Scaling User Guide, "Schedule recurring scaling actions using cron expressions"; Amazon EventBridge
 * User Guide, "Cron expressions reference", to which it refers.
 */

interface Field {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  /** Names of the values from `minimum` on. */
  readonly names?: readonly string[];
  /** What the field takes, for a fix. */
  readonly takes: string;
}

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const minute: Field = { name: "minute", minimum: 0, maximum: 59, takes: "0 to 59" };
const hour: Field = { name: "hour", minimum: 0, maximum: 23, takes: "0 to 23" };
const dayOfMonth: Field = { name: "day of month", minimum: 1, maximum: 31, takes: "1 to 31, L, W or ?" };
const month: Field = { name: "month", minimum: 1, maximum: 12, names: months, takes: "1 to 12 or JAN to DEC" };
const dayOfWeek: Field = {
  name: "day of week",
  minimum: 1,
  maximum: 7,
  names: weekdays,
  takes: "1 (Sunday) to 7 or SUN to SAT, L, # or ?",
};
const year: Field = { name: "year", minimum: 1970, maximum: 2199, takes: "1970 to 2199" };

/**
 * The year before which every time is over. Synthesis reads no clock, so that a time of this year that is over passes here, and
 * AWS refuses it: PutScheduledAction takes times to come only.
 */
const firstYear = 2026;

/** After so many years, within a century, dates and weekdays come in the same order again. */
const calendarCycleYears = 28;

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** 1 is Sunday. */
  readonly weekday: number;
  /** The last day of its month. */
  readonly last: number;
}

export interface Schedule {
  /** Years in which it fires, or undefined: in every one. */
  readonly years?: readonly number[];
  /** Minutes of the day, in order. */
  readonly minutes: readonly number[];
  readonly firesOn: (day: Day) => boolean;
}

/** The schedule, or how to mend the text. */
export function parseSchedule(text: string): Schedule | string {
  const at = /^at\((\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):[0-5]\d\)$/.exec(text);
  if (at) {
    const [, yyyy = 0, mm = 0, dd = 0, hours = 0, minutes = 0] = at.map(Number);
    if (mm >= 1 && mm <= 12 && dd >= 1 && dd <= 31) {
      return parseAt(yyyy, mm, dd, 60 * hours + minutes);
    }
  }
  const fields = /^cron\((\S+(?: \S+){5})\)$/.exec(text)?.[1]?.split(" ");
  if (fields) {
    return parseCron(fields as [string, string, string, string, string, string]);
  }
  if (text.startsWith("rate(")) {
    return "use cron or at: a rate has no time of day at which a window could open";
  }
  return /^cron\(\S+( \S+){4}\)$/.test(text)
    ? "add the year, the sixth field: cron(45 3 ? * SUN *)"
    : "write it as cron(45 3 ? * SUN *) or at(2027-01-31T22:00:00)";
}

const over = "name a time to come, or remove the window: AWS refuses a time that is over";

function parseAt(yyyy: number, mm: number, dd: number, minuteOfDay: number): Schedule | string {
  const last = daysIn(yyyy, mm);
  if (dd > last) {
    return `name a day that there is: ${months[mm - 1]} ${yyyy} ends on ${last}`;
  }
  if (yyyy < firstYear) {
    return over;
  }
  return { years: [yyyy], minutes: [minuteOfDay], firesOn: (day) => day.month === mm && day.day === dd };
}

function parseCron(texts: readonly [string, string, string, string, string, string]): Schedule | string {
  const [minuteText, hourText, dayText, monthText, weekdayText, yearText] = texts;
  const minutes = valuesOf(minute, minuteText);
  const hours = valuesOf(hour, hourText);
  const inMonths = valuesOf(month, monthText);
  const years = valuesOf(year, yearText);
  const onDay = dayText === "?" ? [] : parseParts(dayOfMonth, dayText, dayRule);
  const onWeekday = weekdayText === "?" ? [] : parseParts(dayOfWeek, weekdayText, weekdayRule);
  for (const parsed of [minutes, hours, onDay, inMonths, onWeekday, years]) {
    if (typeof parsed === "string") {
      return parsed;
    }
  }
  if ([dayText, weekdayText].filter((text) => text === "?").length !== 1) {
    return "write ? for one of day of month and day of week: cron(45 3 ? * SUN *)";
  }
  const rules = [...(onDay as DayRule[]), ...(onWeekday as DayRule[])];
  const monthSet = new Set(inMonths as number[]);
  const firesOn = (day: Day) => monthSet.has(day.month) && rules.some((rule) => rule(day));
  const minutesOfDay = (hours as number[]).flatMap((h) => (minutes as number[]).map((m) => 60 * h + m));
  const bounded = (years as number[]).length < year.maximum - year.minimum + 1;
  const ahead = (years as number[]).filter((candidate) => candidate >= firstYear);
  if (ahead.length === 0) {
    return over;
  }
  const fires = (bounded ? ahead : cycle).some((candidate) => daysOf(candidate).some(firesOn));
  if (!fires) {
    return `name a day that there is: none of ${monthText} fits ${dayText === "?" ? weekdayText : dayText}`;
  }
  return { ...(bounded ? { years: ahead } : {}), minutes: minutesOfDay, firesOn };
}

type DayRule = (day: Day) => boolean;

/** The values of a field without days, in order, or how to mend it. */
function valuesOf(field: Field, text: string): number[] | string {
  const parsed = parseParts(field, text, (part) => {
    const values = rangeOf(field, part);
    return typeof values === "string" ? values : () => true;
  });
  if (typeof parsed === "string") {
    return parsed;
  }
  const values = new Set(text.split(",").flatMap((part) => rangeOf(field, part) as number[]));
  return [...values].sort((a, b) => a - b);
}

function parseParts(field: Field, text: string, ruleOf: (part: string) => DayRule | string): DayRule[] | string {
  const rules: DayRule[] = [];
  for (const part of text.split(",")) {
    const rule = ruleOf(part);
    if (typeof rule === "string") {
      return rule;
    }
    rules.push(rule);
  }
  return rules.length > 0 ? rules : refusal(field, text);
}

function refusal(field: Field, text: string): string {
  const short = field.names?.find((name) => text.length > 3 && text.toUpperCase().startsWith(name));
  if (short !== undefined && /^[A-Za-z]+$/.test(text)) {
    return `write ${short} instead of ${text}`;
  }
  const sunday = field === dayOfWeek && text === "0" ? ": AWS counts from 1, which is Sunday" : "";
  return `write the ${field.name} as ${field.takes} instead of ${text}${sunday}`;
}

/** `*`, `3`, `SUN`, `1-5`, `MON-FRI`, and each of them with a step behind a slash. */
function rangeOf(field: Field, part: string): number[] | string {
  const [, range = "", step] = /^([^/]+)(?:\/(\d{1,4}))?$/.exec(part) ?? [];
  const [, firstText = "", lastText] = /^([A-Z0-9]+)(?:-([A-Z0-9]+))?$/.exec(range) ?? [];
  const first = range === "*" ? field.minimum : valueIn(field, firstText);
  const stepless = step === undefined ? first : field.maximum;
  const last = range === "*" ? field.maximum : lastText === undefined ? stepless : valueIn(field, lastText);
  const by = step === undefined ? 1 : Number(step);
  // Of the days of a week no step is documented.
  const wrongStep = by < 1 || by > field.maximum || (step !== undefined && field === dayOfWeek);
  if (first === undefined || last === undefined || wrongStep) {
    return refusal(field, part);
  }
  if (last < first) {
    return `write two ranges instead of ${part}: the ${field.name} goes from ${field.takes}`;
  }
  return Array.from({ length: Math.floor((last - first) / by) + 1 }, (_, index) => first + index * by);
}

function valueIn(field: Field, text: string): number | undefined {
  const named = field.names?.indexOf(text) ?? -1;
  if (named !== -1) {
    return field.minimum + named;
  }
  const value = /^\d{1,4}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value >= field.minimum && value <= field.maximum ? value : undefined;
}

function dayRule(part: string): DayRule | string {
  if (part === "L") {
    return ({ day, last }) => day === last;
  }
  if (part === "LW") {
    return (each) => each.day === nearestWorkingDay(each, each.last);
  }
  const nearest = /^(\d{1,2})W$/.exec(part)?.[1];
  if (nearest !== undefined) {
    const wanted = valueIn(dayOfMonth, nearest);
    return wanted === undefined
      ? refusal(dayOfMonth, part)
      : (each) => wanted <= each.last && each.day === nearestWorkingDay(each, wanted);
  }
  const values = rangeOf(dayOfMonth, part);
  return typeof values === "string" ? values : ({ day }) => values.includes(day);
}

function weekdayRule(part: string): DayRule | string {
  if (part === "L") {
    return ({ weekday }) => weekday === dayOfWeek.maximum;
  }
  const [, weekdayText = "", kind, ordinal] = /^([A-Z0-9]+?)(?:(L)|#([1-5]))$/.exec(part) ?? [];
  const wanted = valueIn(dayOfWeek, weekdayText);
  if (wanted !== undefined && kind === "L") {
    return ({ weekday, day, last }) => weekday === wanted && day + 7 > last;
  }
  if (wanted !== undefined && ordinal !== undefined) {
    return ({ weekday, day }) => weekday === wanted && Math.ceil(day / 7) === Number(ordinal);
  }
  const values = rangeOf(dayOfWeek, part);
  return typeof values === "string" ? values : ({ weekday }) => values.includes(weekday);
}

/** The day of Monday to Friday nearest to `wanted`, in the same month. */
function nearestWorkingDay(of: Day, wanted: number): number {
  const weekday = weekdayOf(of.year, of.month, wanted);
  if (weekday === 7) {
    return wanted > 1 ? wanted - 1 : wanted + 2;
  }
  if (weekday === 1) {
    return wanted < of.last ? wanted + 1 : wanted - 2;
  }
  return wanted;
}

function daysIn(inYear: number, inMonth: number): number {
  return new Date(Date.UTC(inYear, inMonth, 0)).getUTCDate();
}

function weekdayOf(inYear: number, inMonth: number, day: number): number {
  return new Date(Date.UTC(inYear, inMonth - 1, day)).getUTCDay() + 1;
}

const cycle = Array.from({ length: calendarCycleYears }, (_, index) => firstYear + index);
const calendar = new Map<number, Day[]>();

function daysOf(inYear: number): Day[] {
  const known = calendar.get(inYear);
  if (known) {
    return known;
  }
  const days = months.flatMap((_, index) => {
    const last = daysIn(inYear, index + 1);
    return Array.from({ length: last }, (__, at) => ({
      year: inYear,
      month: index + 1,
      day: at + 1,
      weekday: weekdayOf(inYear, index + 1, at + 1),
      last,
    }));
  });
  calendar.set(inYear, days);
  return days;
}

/** A window between two schedules in one time zone. */
export interface Window {
  readonly start: Schedule;
  readonly end: Schedule;
  readonly timezone: string;
}

/** Whether the window is open at some time after its last end, and so for ever. */
export function staysOpen({ start, end }: Window): boolean {
  if (end.years === undefined) {
    return false;
  }
  const last = (schedule: Schedule) => times(schedule, schedule.years ?? []).at(-1) ?? Number.POSITIVE_INFINITY;
  return start.years === undefined || last(start) >= last(end);
}

/** How many years are looked through for windows that overlap; schedules of certain years add theirs. */
const yearsAhead = 4;

/** Whether one of the windows ends while the other is open, or when it opens; the minutes count. */
export function overlap(a: Window, b: Window): boolean {
  const named = [a.start, a.end, b.start, b.end].flatMap(({ years = [] }) => years).slice(0, 40);
  const years = [...new Set([...cycle.slice(0, yearsAhead), ...named])].sort((one, other) => one - other);
  const [mine, theirs] = [periods(a, years, b.timezone), periods(b, years, a.timezone)];
  let other = 0;
  for (const [opens, closes] of mine) {
    while (other < theirs.length && (theirs[other] as Period)[1] < opens) {
      other += 1;
    }
    if (other < theirs.length && (theirs[other] as Period)[0] <= closes) {
      return true;
    }
  }
  return false;
}

type Period = readonly [opens: number, closes: number];

/** The times that a window is open, in minutes; of the zone itself where the other window has the same. */
function periods(window: Window, years: readonly number[], otherZone: string): Period[] {
  const shift = window.timezone === otherZone ? () => 0 : (time: number) => offsetMinutes(window.timezone, time);
  const inOrder = (schedule: Schedule) =>
    times(schedule, years)
      .map((time) => time - shift(time))
      .sort((one, other) => one - other);
  const ends = inOrder(window.end);
  const found: Period[] = [];
  let next = 0;
  for (const opens of inOrder(window.start)) {
    if (opens <= (found.at(-1)?.[1] ?? Number.NEGATIVE_INFINITY)) {
      continue;
    }
    while (next < ends.length && (ends[next] as number) <= opens) {
      next += 1;
    }
    const closes = ends[next];
    if (closes === undefined) {
      break;
    }
    found.push([opens, closes]);
  }
  return found;
}

/** Minutes since 1970 of the schedule's own zone at which it fires in these years. */
function times(schedule: Schedule, years: readonly number[]): number[] {
  return years
    .filter((candidate) => schedule.years?.includes(candidate) ?? true)
    .flatMap((candidate) => daysOf(candidate).filter(schedule.firesOn))
    .flatMap((day) => {
      const midnight = Date.UTC(day.year, day.month - 1, day.day) / 60_000;
      return schedule.minutes.map((time) => midnight + time);
    });
}

/**
 * The last time at which a schedule fires, in milliseconds since 1970, or undefined where it fires for ever. A time that the zone
 * leaves out or has twice, where its clocks change, is taken at one of both offsets.
 */
export function lastTime({ years = [], ...schedule }: Schedule, timezone: string): number | undefined {
  const last = times({ ...schedule, years }, years).at(-1);
  if (last === undefined) {
    return undefined;
  }
  const asUtc = last * 60_000;
  const near = asUtc - readOffset(timezone, new Date(asUtc)) * 60_000;
  return asUtc - readOffset(timezone, new Date(near)) * 60_000;
}

const offsets = new Map<string, number>();

/** Minutes that the zone is ahead of UTC at noon of the day; 0 where Node.js does not know the zone. */
function offsetMinutes(timeZone: string, time: number): number {
  const day = Math.floor(time / 1440);
  const key = `${timeZone} ${day}`;
  const known = offsets.get(key);
  if (known !== undefined) {
    return known;
  }
  const offset = readOffset(timeZone, new Date((day * 1440 + 720) * 60_000));
  offsets.set(key, offset);
  return offset;
}

function readOffset(timeZone: string, at: Date): number {
  try {
    const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
    const text = format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign, hours = 0, minutes = 0] = /GMT([+-])(\d\d):(\d\d)/.exec(text) ?? [];
    return (sign === "-" ? -1 : 1) * (60 * Number(hours) + Number(minutes));
  } catch {
    return 0;
  }
}
