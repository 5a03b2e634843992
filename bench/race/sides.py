"""What a round is made of: the tools' processes, a Kafka, a mosquitto, and the figures of a process from /proc."""
import glob, json, os, platform, re, shlex, shutil, signal, socket, subprocess, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
TICKS = os.sysconf("SC_CLK_TCK")


class Fault(Exception):
    """One line for the user: what, where, remedy."""


def group(pid):
    """The processes of the group that pid leads: a pipeline is one bridge."""
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            fields = open(path).read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == pid:
            found.append((int(path.split("/")[2]), fields))
    return found


def cpu_seconds(pid):
    """user + system seconds of the group's live processes and of their reaped children."""
    return sum(int(x) for _, fields in group(pid) for x in fields[11:15]) / TICKS


def status_sum(pid, name):
    """Sum of a field of /proc/PID/status over the group."""
    total = 0
    for process, _ in group(pid):
        try:
            found = re.search(rf"^{name}:\s+(\d+)", open(f"/proc/{process}/status").read(), re.M)
        except OSError:
            continue
        total += int(found.group(1)) if found else 0
    return total


def switches(pid):
    """Context switches of the group's threads, those of threads that have ended not counted."""
    total = 0
    for process, _ in group(pid):
        for path in glob.glob(f"/proc/{process}/task/*/status"):
            try:
                total += sum(int(x) for x in re.findall(r"ctxt_switches:\s+(\d+)", open(path).read()))
            except OSError:
                pass
    return total


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def machine():
    cpu = re.search(r"model name\s*:\s*(.+)", open("/proc/cpuinfo").read())
    memory = re.search(r"MemTotal:\s+(\d+)", open("/proc/meminfo").read())
    name = re.search(r'PRETTY_NAME="(.+)"', open("/etc/os-release").read())
    return {"cpu": cpu.group(1) if cpu else platform.machine(), "cores": os.cpu_count(), "memory_mb": int(memory.group(1)) // 1024,
            "system": name.group(1) if name else "", "kernel": platform.release(), "load": round(os.getloadavg()[0], 2)}


def first_line(*words):
    try:
        said = subprocess.run(words, capture_output=True, text=True, timeout=20)
        return ((said.stdout or said.stderr).strip().splitlines() or [""])[0]
    except (OSError, subprocess.TimeoutExpired):
        return ""


class Tool:
    """One of our own processes; its lines are followed as they come."""

    def __init__(self, words, patience=60):
        self.words, self.lines, self.patience = words, [], patience
        self._changed = threading.Condition()
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._follow, daemon=True)
        self._reader.start()

    def _follow(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.split())
                self._changed.notify_all()

    def all(self, word):
        return [l for l in list(self.lines) if l and l[0] == word]

    def wait(self, word, count=1, bridge=None):
        """The count-th line that begins with the word. A bridge that ends before has failed."""
        end = time.monotonic() + self.patience
        with self._changed:
            while len(self.all(word)) < count:
                if self.process.poll() is not None and not self._reader.is_alive():
                    raise Fault(f"{os.path.basename(self.words[0])} ended before it said {word}: {self.process.stderr.read().strip() or self.lines[-3:]}")
                if bridge:
                    bridge.check()
                if time.monotonic() > end:
                    raise Fault(f"{os.path.basename(self.words[0])} did not say {word} within {self.patience:g} s; see --timeout")
                self._changed.wait(0.1)
        return self.all(word)[count - 1]

    def end(self, gently=False):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM if gently else signal.SIGKILL)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


class Kafka:
    """librdkafka's mock cluster, or a real one: FASTBRIDGE_TEST_KAFKA's, else one of our own from FASTBRIDGE_TEST_TOOLS."""

    def __init__(self, args, work, expected):
        self.folder, self.script, more = None, None, []
        self.topic = "t"
        if args.real:
            given = os.environ.get("FASTBRIDGE_TEST_KAFKA", "")
            if not given:
                self.script = os.path.join(os.environ.get("FASTBRIDGE_TEST_TOOLS", ""), "kafka", "kafka")
                if not os.path.exists(self.script):
                    raise Fault("--real needs a Kafka: set FASTBRIDGE_TEST_KAFKA to host:port, or FASTBRIDGE_TEST_TOOLS to a folder that holds kafka/kafka")
                self.folder = os.path.join(work, "kafka")
                subprocess.run([self.script, "start", self.folder], check=True, stdout=subprocess.DEVNULL)
                given = json.load(open(os.path.join(self.folder, "address.json")))["bootstrap"]
            self.topic = "race-" + os.urandom(6).hex()
            more = ["--bootstrap", given]
        elif args.rtt:
            more = ["--rtt", str(args.rtt)]
        self.sink = Tool([os.path.join(args.build, "kafka_sink"), "--partitions", str(args.partitions), "--topic", self.topic, "--expected", str(expected), *more], args.timeout)
        self.bootstrap = self.sink.wait("BOOT")[1]

    def end(self):
        self.sink.end(gently=self.folder is None)
        if self.folder:
            subprocess.run([self.script, "stop", self.folder, "--kill"], stdout=subprocess.DEVNULL)
            shutil.rmtree(self.folder, ignore_errors=True)


class Mosquitto:
    """A real mosquitto with an unlimited queue, which says when somebody subscribes."""

    def __init__(self, args, work):
        program = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        if not program:
            raise Fault("--mosquitto needs mosquitto; install it with: apt-get install mosquitto mosquitto-clients")
        self.port, self.log = free_port(), os.path.join(work, "mosquitto.log")
        config = os.path.join(work, "mosquitto.conf")
        with open(config, "w") as f:
            f.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 0\nmax_inflight_messages {min(args.window, 65535)}\n"
                    "set_tcp_nodelay true\nlog_dest stderr\nlog_type subscribe\nlog_type error\n")
        self.process = subprocess.Popen([program, "-c", config], stdout=subprocess.DEVNULL, stderr=open(self.log, "w"))
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise Fault("mosquitto does not start: " + open(self.log).read().strip())
                time.sleep(0.02)

    def wait_subscribed(self, count, patience, bridge=None):
        end = time.monotonic() + patience
        while open(self.log).read().count("bench/#") < count:
            if bridge:
                bridge.check()
            if time.monotonic() > end:
                raise Fault(f"nobody subscribed at mosquitto within {patience:g} s")
            time.sleep(0.02)

    def end(self):
        self.process.kill()
        self.process.wait()


class Bridge:
    """The command of one side, in a process group of its own."""

    def __init__(self, command, work, strace=False):
        self.log = os.path.join(work, "bridge.log")
        words = shlex.split(command)
        self.counts = os.path.join(work, "strace") if strace else None
        if strace:
            words = ["strace", "-f", "-c", "-qq", "-o", self.counts, *words]
        self.started = time.monotonic()
        try:
            self.process = subprocess.Popen(words, stdout=open(self.log, "w"), stderr=subprocess.STDOUT, cwd=work, start_new_session=True)
        except OSError as e:
            raise Fault(f"{words[0]} cannot be started: {e.strerror}; see --candidate and --reference")
        self.pid = self.process.pid

    def check(self):
        if self.process.poll() is not None:
            raise Fault(f"the bridge ended with {self.process.returncode}: {self.said()}")

    def said(self):
        return open(self.log).read()[-600:].strip()

    def calls(self):
        """System calls since the start; ends the traced command."""
        for child in open(f"/proc/{self.pid}/task/{self.pid}/children").read().split():
            os.kill(int(child), signal.SIGTERM)
        self.process.wait(60)
        rows = [l.split() for l in open(self.counts) if l.strip().endswith("total")]
        if not rows:
            raise Fault("strace counted nothing: " + self.said())
        return int(rows[-1][3])

    def end(self):
        if self.process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
