"""race.py's command line: what there is, its defaults, and which values cannot be."""
import argparse, os, shutil

HERE = os.path.dirname(os.path.abspath(__file__))


def options(description):
    a = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--build", default=os.path.join(HERE, "..", "..", "artifacts", "race"), help="folder of the built tools (make OUT=...)")
    a.add_argument("--candidate", required=True)
    a.add_argument("--reference", default="", help="default: the C reference_bridge, with --connectors the candidate with one connector; 'join': the C reference with our ways of sending (joined and overlapping Produce requests); 'none' for no second command")
    a.add_argument("--messages", type=int, default=2_000_000)
    a.add_argument("--payload", type=int, default=256, help="bytes")
    a.add_argument("--qos", type=int, default=1, choices=(0, 1, 2))
    a.add_argument("--linger", type=int, default=5, help="linger.ms of the C reference: 5 suits a full load, 0 a small window")
    a.add_argument("--rate", type=float, default=0, help="messages a second over all connections, evenly; 0: as fast as it goes. Latency counts at a rate below saturation")
    a.add_argument("--window", type=int, default=10_000, help="most unacknowledged QoS 1 and 2 messages of a connection")
    a.add_argument("--topics", type=int, default=64, help="distinct MQTT topics")
    a.add_argument("--partitions", type=int, default=4)
    a.add_argument("--connectors", type=int, default=1, help="connectors of the candidate, which share the load")
    a.add_argument("--mqtt", type=int, default=5, choices=(4, 5), help="protocol_version in {config}: 4 = 3.1.1, 5 = 5.0")
    a.add_argument("--kafka", default="{}", help="JSON merged into the connector's config")
    a.add_argument("--real", action="store_true", help="a real Apache Kafka (FASTBRIDGE_TEST_KAFKA, or FASTBRIDGE_TEST_TOOLS/kafka) instead of librdkafka's mock cluster")
    a.add_argument("--rtt", type=int, default=0, metavar="MS", help="a Kafka far away: the mock cluster answers so many milliseconds later")
    a.add_argument("--mosquitto", type=int, default=0, metavar="PUBLISHERS", help="a real mosquitto with so many publishers instead of mqtt_source")
    a.add_argument("--start", type=int, default=0, metavar="ROUNDS", help="only the candidate's start: milliseconds to SUBSCRIBE on the wire, p50 and p95")
    a.add_argument("--idle", action="store_true", help="only memory and CPU of the bridge with nothing to do")
    a.add_argument("--seconds", type=float, default=10, help="how long --idle looks")
    a.add_argument("--strace", action="store_true", help="one more round of each side under strace: system calls a message")
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--timeout", type=float, default=60, help="seconds a round may take")
    a.add_argument("--output", metavar="FILE", help="everything as JSON, with machine, versions and date")
    args = a.parse_args()
    for name, least in (("messages", 1), ("payload", 0), ("window", 1), ("topics", 1), ("partitions", 1), ("connectors", 1), ("mosquitto", 0), ("start", 0), ("rtt", 0), ("rounds", 1), ("rate", 0)):
        if getattr(args, name) < least:
            a.error(f"--{name} must be at least {least}")
    if bool(args.mosquitto) + bool(args.start) + args.idle > 1:
        a.error("--mosquitto, --start and --idle: give one of them")
    if args.mosquitto and args.connectors > 1:
        a.error("--mosquitto and --connectors: every connector would get every message; give one of them")
    if args.rtt and args.real:
        a.error("--rtt and --real: only the mock cluster can be far away; give one of them")
    if args.strace and not shutil.which("strace"):
        a.error("--strace needs strace; install it with: apt-get install strace")
    return args
