#!/usr/bin/env python3
"""Runs the rows of the project's table with race.py, and prints them as a Markdown table with the goal of each and whether it was met.

    compare.py --build BUILD --fastbridge 'artifacts/fastbridge'                      every row that can run here
    compare.py ... --rows default,qos0,window20 --rounds 3                            some of them
    compare.py ... --list                                                             the names
A row that cannot run here (no Kafka, no mosquitto, no kcat) is named with what it lacks.
"""
import argparse, datetime, json, os, shlex, shutil, subprocess, sys, tempfile
from sides import first_line, machine

HERE = os.path.dirname(os.path.abspath(__file__))
REF, CEIL = "candidate / reference", "candidate / ceiling"
RUN = "{fastbridge} run --admin 127.0.0.1:{{admin}} --config {{config}}"
# Both write what they have gathered only at the end; the sleep keeps the shell, which counts their CPU, until it has been measured.
PIPE = """sh -c 'mosquitto_sub -p {port} -q {qos} -t bench/# -C {messages} | kcat -P -b {bootstrap} -t {topic}; sleep 600'"""


class Row:
    """A load; its goals: (words, path in the summary, at least or at most, limit)."""

    def __init__(self, name, text, options, *goals, needs=()):
        self.name, self.text, self.options, self.goals, self.needs = name, text, options.split() if isinstance(options, str) else options, goals, needs


def rate(limit):
    return (f"rate >= {limit}", (REF, "msg_s"), ">=", limit)


def cpu(limit):
    return (f"CPU <= {limit}", (REF, "cpu_us"), "<=", limit)


MEMORY = ("memory <= 64 MB", ("candidate", "rss_mb"), "<=", 64)
P99 = ("ack p99 <= +1 ms", ("p99_ms_difference",), "<=", 1)
REAL, BROKER = ("kafka",), ("mosquitto", "mosquitto_sub")
ROWS = [
    Row("default", "QoS 1, 256 B, window 10,000", "", rate(1), cpu(1), MEMORY),
    Row("qos0", "QoS 0, 64 B", "--qos 0 --payload 64 --messages 3000000", rate(1), MEMORY),
    Row("1k311", "QoS 1, 1 KB, MQTT 3.1.1", "--payload 1024 --mqtt 4 --messages 1000000", rate(1), MEMORY),
    Row("16k", "QoS 1, 16 KB", "--payload 16384 --messages 100000", rate(1), MEMORY),
    Row("qos2", "QoS 2, 256 B", "--qos 2 --messages 1000000", rate(1), MEMORY),
    Row("window20", "window 20, linger 0", "--window 20 --linger 0 --messages 200000", rate(0.9), MEMORY),
    Row("window1000", "window 1,000, linger 0", "--window 1000 --linger 0 --messages 1000000", rate(0.9), MEMORY),
    Row("even", "50,000 a second, evenly", "--rate 50000 --messages 500000", P99, cpu(1.1), MEMORY),
    Row("real", "real Kafka, window 10,000", "--real --messages 1000000", rate(1), cpu(1), MEMORY, needs=REAL),
    Row("real-window20", "real Kafka, window 20, linger 0", "--real --window 20 --linger 0 --messages 100000", rate(0.9), MEMORY, needs=REAL),
    Row("real-window1000", "real Kafka, window 1,000, linger 0", "--real --window 1000 --linger 0 --messages 500000", rate(0.9), MEMORY, needs=REAL),
    Row("real-window1000-join", "real Kafka, window 1,000, the reference with our ways of sending", "--real --window 1000 --linger 0 --messages 500000 --reference join", MEMORY, needs=REAL),
    Row("real-even", "real Kafka, 50,000 a second, evenly", "--real --rate 50000 --messages 500000", P99, cpu(1.1), MEMORY, needs=REAL),
    Row("far", "Kafka 50 ms away, window 10,000", "--rtt 50 --messages 500000", rate(1), cpu(1), MEMORY),
    Row("far-window1000", "Kafka 50 ms away, window 1,000, linger 0", "--rtt 50 --window 1000 --linger 0 --messages 100000", rate(0.9), MEMORY),
    Row("connectors10", "10 connectors share the load, against 1", "--connectors 10", cpu(1.3), MEMORY),
    Row("connectors100", "100 connectors share the load, against 1", "--connectors 100", cpu(1.3), MEMORY),
    Row("connectors100-window1000", "100 connectors share the load, against 1, window 1,000 each", "--connectors 100 --window 1000", cpu(1.3), MEMORY),
    Row("mosquitto", "mosquitto with 4 publishers into real Kafka, against mosquitto_sub", "--mosquitto 4 --real --reference none --messages 500000",
        ("rate >= 0.9", (CEIL, "msg_s"), ">=", 0.9), MEMORY, needs=REAL + BROKER),
    Row("pipe", "mosquitto with 4 publishers, against mosquitto_sub piped to kcat (payload alone, no JSON)", ["--mosquitto", "4", "--messages", "500000", "--reference", PIPE],
        rate(1), MEMORY, needs=BROKER + ("kcat",)),
    Row("idle", "one idle connector", "--idle --reference none --rounds 1", ("memory <= 25 MB", ("candidate", "idle_rss_mb"), "<=", 25)),
    Row("start", "start to SUBSCRIBE on the wire", "--start 50", ("p95 <= 50 ms", ("candidate", "p95_ms"), "<=", 50)),
]


def lacks(row):
    for need in row.needs:
        if need == "kafka":
            tools = os.environ.get("FASTBRIDGE_TEST_TOOLS", "")
            if not os.environ.get("FASTBRIDGE_TEST_KAFKA") and not os.path.exists(os.path.join(tools, "kafka", "kafka")):
                return "a Kafka: set FASTBRIDGE_TEST_KAFKA or FASTBRIDGE_TEST_TOOLS"
        elif not shutil.which(need, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"):
            return f"{need}: install it"
    return ""


def figure(summary, path):
    for step in path:
        summary = summary.get(step) if isinstance(summary, dict) else None
    return summary


def cells(row, summary):
    own, over = summary["candidate"], summary.get(REF) or summary.get(CEIL) or {}
    number = lambda key, form: format(own[key], form) if key in own else ""
    ratio = lambda key: f"{over[key]:.2f}" if key in over else ""
    latency = f"{own['p99_ms']:.1f} ms" if own.get("p99_ms") and row.name.endswith("even") else f"{own['p95_ms']:.0f} ms" if row.name == "start" else ""
    memory = number("rss_mb", ".0f") or number("idle_rss_mb", ".0f")
    return [number("msg_s", ",.0f"), ratio("msg_s"), number("cpu_us", ".2f") and number("cpu_us", ".2f") + " us", ratio("cpu_us"), memory and memory + " MB", latency]


def judge(row, summary):
    said = []
    for text, path, way, limit in row.goals:
        value = figure(summary, path)
        met = value is not None and (value >= limit if way == ">=" else value <= limit)
        said.append((text, met, value))
    return said


def options():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--build", required=True, help="folder of the built tools")
    a.add_argument("--fastbridge", required=True, help="the executable")
    a.add_argument("--rows", default="all", help="names, comma separated; default: all")
    a.add_argument("--rounds", type=int, default=5)
    a.add_argument("--scale", type=float, default=1, help="messages of a row times this: 0.1 for a quick look")
    a.add_argument("--timeout", type=float, default=120, help="seconds a round may take")
    a.add_argument("--output", metavar="FILE", help="the table's figures as JSON")
    a.add_argument("--list", action="store_true", help="the rows' names")
    args = a.parse_args()
    if args.rounds < 1 or args.scale <= 0:
        a.error("--rounds must be at least 1 and --scale above 0")
    names = {r.name: r for r in ROWS}
    wanted = list(names) if args.rows == "all" else args.rows.split(",")
    for name in wanted:
        if name not in names:
            a.error(f"--rows: there is no row {name!r}; there are {', '.join(names)}")
    return args, [names[n] for n in wanted]


def words_of(row, args):
    words = list(row.options)
    if "--rounds" not in words:
        words += ["--rounds", str(args.rounds)]
    if args.scale != 1 and not {"--idle", "--start"} & set(words):
        messages = int(words[words.index("--messages") + 1]) if "--messages" in words else 2_000_000
        words += ["--messages", str(max(1000, int(messages * args.scale)))]
    return words + ["--timeout", str(args.timeout)]


def main():
    args, rows = options()
    if args.list:
        for row in rows:
            print(f"{row.name:16} {row.text}; goal: {', '.join(g[0] for g in row.goals)}")
        return 0
    if not os.access(args.fastbridge, os.X_OK):
        print(f"compare: {args.fastbridge} is no executable; run scripts/publish.sh", file=sys.stderr)
        return 1
    date, table, missed, data, commands = datetime.datetime.now().astimezone().strftime("%d %B %Y"), [], [], {}, []
    for row in rows:
        lack = lacks(row)
        if lack:
            missed.append(f"{row.name}: lacks {lack}")
            continue
        words = words_of(row, args)
        command = ["--candidate", RUN.format(fastbridge=shlex.quote(os.path.abspath(args.fastbridge))), *words]
        commands.append(f"{row.name}: scripts/race.sh {shlex.join(words)}")
        print(f"{row.name}: {row.text}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as work:
            result = os.path.join(work, "race.json")
            ended = subprocess.run([sys.executable, os.path.join(HERE, "race.py"), "--build", args.build, *command, "--output", result], stdout=sys.stderr)
            if ended.returncode:
                missed.append(f"{row.name}: race.py failed, see above")
                continue
            data[row.name] = json.load(open(result))
        summary = data[row.name]["summary"]
        verdicts = judge(row, summary)
        table.append([row.text, *cells(row, summary), "; ".join(f"{text}: {'no figure' if value is None else 'met' if met else 'NOT met'}" for text, met, value in verdicts)])
    at = machine()
    print(f"{date}, {first_line(args.fastbridge, '--version')}, {at['cores']} cores of {at['cpu']}, {at['memory_mb']} MB, {at['system']}, Linux {at['kernel']}; medians of {args.rounds} rounds,")
    print("ratios to the C reference of the same round unless the row names another.\n")
    heads = ["load", "messages/s", "ratio", "CPU a message", "ratio", "memory", "latency", "goal"]
    print("| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))
    for line in table:
        print("| " + " | ".join(line) + " |")
    print("\nCommands:\n")
    for command in commands:
        print("    " + command)
    for miss in missed:
        print(f"\nNot run: {miss}")
    if args.output:
        with open(args.output, "w") as f:
            json.dump({"date": date, "machine": at, "rows": data, "not_run": missed}, f, indent=2)
    return 1 if any("failed" in m for m in missed) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("compare: interrupted", file=sys.stderr)
        sys.exit(1)
