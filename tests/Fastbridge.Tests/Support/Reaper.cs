using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Fastbridge.Tests.Support;

/// <summary>Signals as the kernel numbers them on Linux.</summary>
public enum UnixSignal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>
/// A small shell beside the test process that ends what the tests started, should the test process die without doing so itself. It reads
/// commands from a pipe whose other end only this process holds: end of file means that this process is gone, however it went.
/// PR_SET_PDEATHSIG would not do: it fires when the *thread* that started a child ends, and reaches no grandchild.
/// </summary>
public static partial class Reaper
{
    // "pidfile" names a folder whose server.pid a start script writes: the server must be found even if the script is cut off half-way.
    // Its output goes nowhere: whoever reads the test process's output must see the end of it when that process ends.
    private const string Script = """
        trap '' INT TERM HUP
        exec >/dev/null 2>&1
        pids=' '; folders=; servers=
        while read -r verb arg; do
          case $verb in
            add) pids="$pids$arg " ;;
            drop) case $pids in *" $arg "*) pids="${pids%% "$arg" *} ${pids#* "$arg" }" ;; esac ;;
            server) servers="$servers$arg
        " ;;
            folder) folders="$folders$arg
        " ;;
          esac
        done
        for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
        printf %s "$servers" | while read -r dir; do
          [ -f "$dir/server.pid" ] || continue
          pid=$(cat "$dir/server.pid")
          grep -qF "$dir" "/proc/$pid/cmdline" 2>/dev/null && kill -KILL "$pid"
        done
        printf %s "$folders" | while read -r dir; do
          case $dir in */fastbridge-test-*) rm -rf -- "$dir" ;; esac
        done
        """;

    private static readonly Lazy<StreamWriter> Pipe = new(Start);

    public static void Add(int pid) => Tell($"add {pid}");

    public static void Drop(int pid) => Tell($"drop {pid}");

    public static void AddFolder(string folder) => Tell($"folder {folder}");

    /// <summary>A folder that will hold server.pid, written by a script that starts a server and exits.</summary>
    public static void AddServer(string folder) => Tell($"server {folder}");

    /// <summary>Sends a signal to a process that this process started and that has not been waited for.</summary>
    public static void Signal(int pid, UnixSignal signal)
    {
        // ESRCH (3): it has just ended, which is what a signal at that moment amounts to.
        if (Kill(pid, (int)signal) != 0 && Marshal.GetLastPInvokeError() is not 3 and var error)
        {
            throw new InvalidOperationException($"kill({pid}, {signal}) failed: errno {error}");
        }
    }

    private static void Tell(string line)
    {
        lock (Pipe)
        {
            Pipe.Value.WriteLine(line);
        }
    }

    private static StreamWriter Start()
    {
        // A session of its own: Ctrl-C in the terminal, or a kill of the whole process group, must not end the one who cleans up.
        var start = new ProcessStartInfo("setsid") { RedirectStandardInput = true, ArgumentList = { "sh", "-c", Script } };
        StreamWriter pipe = Process.Start(start)!.StandardInput;
        pipe.AutoFlush = true;
        return pipe;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
