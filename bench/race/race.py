#!/usr/bin/env python3
"""Races a bridge against the C reference (or any second command) on the same work, in turn, in one run.

Each round starts a fresh in-memory Kafka (kafka_sink; with --real an Apache Kafka) and a fresh MQTT feeder (mqtt_source; with --mosquitto a
real mosquitto and its publishers), lets one bridge move MESSAGES from one to the other, and takes: messages a second, CPU microseconds a
message (the bridge's process group, user + system), peak resident MB, threads, context switches a message, milliseconds from a PUBLISH to
its ack (not through mosquitto), and whether the acks came in order.
Ratios are taken round by round, candidate / reference, because machines drift; the median is the figure to quote.

A command may hold {bootstrap}, {port}, {qos}, {messages}, {linger}, {topic}, {admin} (a free port), {config}. {config} is a
connectors file written for the round.

    race.py --candidate 'fastbridge run --config {config}'
    race.py --candidate '...' --qos 0 --payload 64 --messages 3000000 --rounds 5
    race.py --candidate '...' --connectors 10       ten connectors against one of the same command, with the same total load
    race.py --candidate '...' --mosquitto 4         through mosquitto, beside what mosquitto_sub gets at the same QoS
    race.py --candidate '...' --start 50            from the start of the process to SUBSCRIBE on the wire
    race.py --candidate '...' --idle                memory and CPU of an idle bridge
"""
import datetime, json, os, shlex, shutil, statistics, subprocess, sys, tempfile, time
from options import options
from sides import Bridge, Fault, Kafka, Mosquitto, Tool, cpu_seconds, first_line, free_port, machine, status_sum, switches

REFERENCE = "{build}/reference_bridge {{bootstrap}} {{port}} {{qos}} {{linger}} {{topic}}"


def write_connectors(path, kafka, port, connectors, args):
    settings = {"bootstrap_servers": kafka.bootstrap, "topic": kafka.topic, "key": "${topic}", **json.loads(args.kafka)}
    mqtt = {"server": f"mqtt://127.0.0.1:{port}", "client_id": "race", "qos": args.qos, "protocol_version": args.mqtt, "receive_maximum": min(args.window, 65535)}
    stamp = int(time.time())
    records = [{"cluster_name": "default", "connector_name": f"race{n}" if connectors > 1 else "race", "connector_type": "Kafka", "config": json.dumps(settings),
                "topic_id": "bench/#", "status": "Idle", "broker_id": None, "create_time": stamp, "update_time": stamp} for n in range(connectors)]
    with open(path, "w") as f:
        json.dump({"mqtt": mqtt, "connectors": records}, f, indent=2)


def source(args, port, messages, connectors):
    words = {"port": port, "messages": messages, "payload": args.payload, "qos": args.qos, "window": min(args.window, 65535), "topics": args.topics, "connections": connectors, "rate": args.rate}
    return Tool([os.path.join(args.build, "mqtt_source"), *(x for k, v in words.items() for x in (f"--{k}", str(v)))], args.timeout)


def publisher(args, port):
    words = {"port": port, "messages": args.messages, "payload": args.payload, "qos": args.qos, "window": min(args.window, 500), "topics": args.topics, "publishers": args.mosquitto, "rate": args.rate}
    return Tool([os.path.join(args.build, "mqtt_publisher"), *(x for k, v in words.items() for x in (f"--{k}", str(v)))], args.timeout)


def bridge_of(command, args, work, kafka, port, connectors, strace=False):
    config = os.path.join(work, "connectors.json")
    write_connectors(config, kafka, port, connectors, args)
    return Bridge(command.format(bootstrap=kafka.bootstrap, port=port, qos=args.qos, messages=args.messages, linger=args.linger, topic=kafka.topic, admin=free_port(), config=shlex.quote(config)), work, strace)


def wait_done(tool, bridge):
    """The tool's DONE; a bridge that ends before has failed."""
    end = time.monotonic() + tool.patience
    while not tool.all("DONE"):
        bridge.check()
        if tool.process.poll() is not None or time.monotonic() > end:
            time.sleep(0.2)
            if not tool.all("DONE"):
                raise Fault(f"not finished within {tool.patience:g} s: {os.path.basename(tool.words[0])} says {tool.lines[-3:]}; the bridge: {bridge.said()}")
        time.sleep(0.02)
    return tool.all("DONE")[0]


def one_round(command, connectors, args, work, strace=False):
    ends = []
    try:
        kafka = Kafka(args, work, args.messages)
        ends.append(kafka)
        port = free_port()
        if args.mosquitto:
            broker = Mosquitto(args, work)
            ends.append(broker)
            port = broker.port
        else:
            feeder = source(args, port, args.messages, connectors)
            ends.append(feeder)
            time.sleep(0.2)
        bridge = bridge_of(command, args, work, kafka, port, connectors, strace)
        ends.append(bridge)
        if args.mosquitto:
            broker.wait_subscribed(connectors, args.timeout, bridge)
            time.sleep(0.5)
            feeder = publisher(args, port)
            ends.append(feeder)
            begun = float(feeder.wait("START")[1])
        done = wait_done(kafka.sink, bridge)
        acked = wait_done(feeder, bridge) if args.qos and not args.mosquitto else []
        if strace:
            return {"calls_per_msg": bridge.calls() / args.messages}
        seconds = float(done[3]) - begun if args.mosquitto else float(done[1])
        latency = (feeder.all("LATENCY") or [["", "0", "0", "0", "0"]])[0]
        return {"msg_s": args.messages / max(seconds, 1e-3), "cpu_us": cpu_seconds(bridge.pid) / args.messages * 1e6, "rss_mb": status_sum(bridge.pid, "VmHWM") / 1024,
                "threads": status_sum(bridge.pid, "Threads"), "switches_per_msg": switches(bridge.pid) / args.messages,
                "p50_ms": float(latency[1]), "p99_ms": float(latency[2]), "p999_ms": float(latency[3]),
                "unordered": int(acked[3].split("=")[1]) if len(acked) > 3 else 0}
    finally:
        for thing in reversed(ends):
            thing.end()


def ceiling(args, work):
    """What mosquitto gives to mosquitto_sub: messages a second from the first PUBLISH to the last message."""
    if not shutil.which("mosquitto_sub"):
        raise Fault("--mosquitto needs mosquitto_sub; install it with: apt-get install mosquitto-clients")
    broker, feeder, reader = Mosquitto(args, work), None, None
    try:
        words = ["mosquitto_sub", "-p", str(broker.port), "-q", str(args.qos), "-t", "bench/#", "-C", str(args.messages)]
        if args.mqtt == 5:
            words += ["-V", "mqttv5", "-D", "connect", "receive-maximum", str(min(args.window, 65535))]
        reader = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        broker.wait_subscribed(1, args.timeout)
        time.sleep(0.5)
        feeder = publisher(args, broker.port)
        begun = float(feeder.wait("START")[1])
        try:
            reader.wait(args.timeout)
        except subprocess.TimeoutExpired:
            raise Fault(f"mosquitto_sub did not have all messages within {args.timeout:g} s; see --timeout")
        return args.messages / (time.monotonic() - begun)
    finally:
        if reader and reader.poll() is None:
            reader.kill()
            reader.wait()
        if feeder:
            feeder.end()
        broker.end()


def quiet_round(command, connectors, args, work, seconds):
    """A bridge with nothing to do: milliseconds to SUBSCRIBE; then, where seconds are given, its memory and CPU over them."""
    ends = []
    try:
        kafka = Kafka(args, work, 0)
        ends.append(kafka)
        port = free_port()
        feeder = source(args, port, 0, connectors)
        ends.append(feeder)
        time.sleep(0.2)
        bridge = bridge_of(command, args, work, kafka, port, connectors)
        ends.append(bridge)
        result = {"start_ms": (float(feeder.wait("SUBSCRIBE", connectors, bridge)[1]) - bridge.started) * 1e3}
        if seconds:
            time.sleep(5)  # what only the start needed has ended by then
            cpu, begun = cpu_seconds(bridge.pid), time.monotonic()
            time.sleep(seconds)
            result["idle_cpu_percent"] = (cpu_seconds(bridge.pid) - cpu) / (time.monotonic() - begun) * 100
            result["idle_rss_mb"] = status_sum(bridge.pid, "VmRSS") / 1024
            result["threads"] = status_sum(bridge.pid, "Threads")
            bridge.check()
        return result
    finally:
        for thing in reversed(ends):
            thing.end()


def show(number, name, r):
    if "msg_s" in r:
        text = f"{r['msg_s']:>10,.0f} msg/s"
        if "cpu_us" in r:
            text += (f"  {r['cpu_us']:6.2f} us/msg  {r['rss_mb']:6.1f} MB  {r['threads']} threads  {r['switches_per_msg']:.4f} switches/msg"
                     f"  ack p50 {r['p50_ms']:.2f} p99 {r['p99_ms']:.2f} p99.9 {r['p999_ms']:.2f} ms  unordered acks {r['unordered']}")
    else:
        text = "  ".join(f"{k} {v:.4g}" for k, v in r.items())
    print(f"round {number} {name:9}  {text}", flush=True)


def summary(rounds):
    """Medians of each side, and of the round's ratios."""
    out = {}
    for side in rounds[0]:
        out[side] = {k: round(statistics.median(r[side][k] for r in rounds), 4) for k in rounds[0][side]}
    ratio = lambda key, over: round(statistics.median(r["candidate"][key] / r[over][key] for r in rounds if r[over].get(key)), 3)
    if "msg_s" in rounds[0].get("candidate", {}):
        for over in ("reference", "ceiling"):
            for key in ("msg_s", "cpu_us", "rss_mb"):
                if rounds[0].get(over, {}).get(key):
                    out.setdefault(f"candidate / {over}", {})[key] = ratio(key, over)
        if all(r.get("reference", {}).get("p99_ms") and r["candidate"]["p99_ms"] for r in rounds):
            out["p99_ms_difference"] = round(statistics.median(r["candidate"]["p99_ms"] - r["reference"]["p99_ms"] for r in rounds), 3)
    return out


def starts(command, args, work):
    waits = []
    for n in range(args.start):
        with tempfile.TemporaryDirectory(dir=work) as folder:
            waits.append(quiet_round(command, args.connectors, args, folder, 0)["start_ms"])
    waits.sort()
    at = lambda share: round(waits[min(len(waits) - 1, int(share * len(waits)))], 1)
    return {"starts": len(waits), "p50_ms": at(0.5), "p95_ms": at(0.95), "max_ms": round(waits[-1], 1)}


def run(args):
    own = REFERENCE.format(build=shlex.quote(os.path.abspath(args.build)))
    reference = {"none": "", "": own, "join": f"{own} join"}.get(args.reference, args.reference)
    sides = [("candidate", args.candidate, args.connectors)]
    if args.connectors > 1 and not args.reference:
        sides.append(("reference", args.candidate, 1))
    elif reference:
        sides.append(("reference", reference, 1))
    with tempfile.TemporaryDirectory(prefix="race-") as work:
        if args.start:
            return [], {"candidate": starts(args.candidate, args, work)}
        rounds = []
        for n in range(args.rounds):
            pair = {}
            for name, command, connectors in sides:
                with tempfile.TemporaryDirectory(dir=work) as folder:
                    if args.idle:
                        pair[name] = quiet_round(command, connectors, args, folder, args.seconds)
                    else:
                        pair[name] = one_round(command, connectors, args, folder)
                show(n + 1, name, pair[name])
            if args.mosquitto:
                with tempfile.TemporaryDirectory(dir=work) as folder:
                    pair["ceiling"] = {"msg_s": ceiling(args, folder)}
                show(n + 1, "ceiling", pair["ceiling"])
            rounds.append(pair)
        out = summary(rounds)
        if args.strace:
            for name, command, connectors in sides:
                with tempfile.TemporaryDirectory(dir=work) as folder:
                    out[name].update(one_round(command, connectors, args, folder, strace=True))
                print(f"strace  {name:9}  {out[name]['calls_per_msg']:.4f} system calls a message", flush=True)
        return rounds, out


def main():
    args = options(__doc__)
    date = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    try:
        rounds, out = run(args)
    except Fault as e:
        print(f"race: {e}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        sys.exit("race: interrupted")
    print(json.dumps(out))
    if args.output:
        versions = {"candidate": first_line(shlex.split(args.candidate)[0], "--version"), "python": sys.version.split()[0]}
        if args.mosquitto:
            versions["mosquitto"] = first_line("/usr/sbin/mosquitto", "-h")
        with open(args.output, "w") as f:
            json.dump({"date": date, "machine": machine(), "versions": versions, "options": vars(args), "rounds": rounds, "summary": out}, f, indent=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
