using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Health;

/// <summary>
/// Tells systemd, by the datagrams of sd_notify(3), what the bridge does: started, reloading, ending, alive, and its state in one line. Nothing of the bridge depends on
/// it: what cannot be told is said once in the log. Any thread.
/// </summary>
internal sealed class ServiceManager : IDisposable
{
    /// <summary>Between two looks at the state: a word that flickers is not worth a datagram a second.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    /// <summary>What the end may take beside the drain.</summary>
    private static readonly TimeSpan Ending = TimeSpan.FromSeconds(5);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly UnixDomainSocketEndPoint _address;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private int _failed;
    private volatile bool _stopping;

    private ServiceManager(UnixDomainSocketEndPoint address, TimeSpan? watchdog, ILogger log, TimeProvider time)
    {
        _address = address;
        _log = log;
        _time = time;
        Watchdog = watchdog;
        // A manager that reads nothing must not stop what tells it.
        _socket.Blocking = false;
    }

    /// <summary>How often it wants to hear that the process lives; null: never.</summary>
    public TimeSpan? Watchdog { get; }

    /// <summary>Null: the process was not started by a service manager that wants to be told.</summary>
    /// <param name="variable">The environment: NOTIFY_SOCKET, a path or an abstract name behind <c>@</c>; WATCHDOG_USEC and WATCHDOG_PID.</param>
    public static ServiceManager? Find(Func<string, string?> variable, ILogger log, TimeProvider time)
    {
        if (variable("NOTIFY_SOCKET") is not { Length: > 1 } name || name[0] is not ('/' or '@'))
            return null;
        UnixDomainSocketEndPoint address;
        try
        {
            address = new UnixDomainSocketEndPoint(name[0] == '@' ? '\0' + name[1..] : name);
        }
        catch (ArgumentException e)
        {
            HealthLog.NotTold(log, name, e.Message.ReplaceLineEndings(" ").TrimEnd('.'));
            return null;
        }

        TimeSpan? watchdog = null;
        bool ours = variable("WATCHDOG_PID") is not { Length: > 0 } pid || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        // Below 10 ms or above a day it is a mistake of somebody's, and no timer's business.
        if (ours && long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds is >= 10_000 and <= 86_400_000_000)
            watchdog = TimeSpan.FromMicroseconds(microseconds);
        return new ServiceManager(address, watchdog, log, time);
    }

    /// <summary>The connectors are started.</summary>
    public void Ready(string state) => Tell($"READY=1\nSTATUS={state}");

    /// <param name="begins">True: connectors are read again or taken over; false: that is done.</param>
    public void Reloading(bool begins)
    {
        if (_stopping)
            return;
        // The manager compares it with the time of its own signal, by the same clock: the monotonic one.
        long microseconds = Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
        Tell(begins ? string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}") : "READY=1");
    }

    /// <summary>The end begins.</summary>
    /// <param name="drain">How long it may take: the manager's own limit may be shorter, and is extended.</param>
    public void Stopping(TimeSpan drain)
    {
        _stopping = true;
        long microseconds = (long)(drain + Ending).TotalMicroseconds;
        Tell(string.Create(CultureInfo.InvariantCulture, $"STOPPING=1\nSTATUS=draining, for at most {drain.TotalSeconds} s\nEXTEND_TIMEOUT_USEC={microseconds}"));
    }

    /// <summary>Feeds the watchdog at half of its time while all is well. Until <paramref name="stop"/> fires, which is after the drain.</summary>
    /// <param name="fault">What must not be: while it is there the watchdog goes hungry. Waits for nothing.</param>
    public async Task FeedAsync(Func<string?> fault, CancellationToken stop)
    {
        if (Watchdog is not { } limit)
            return;
        using var timer = new PeriodicTimer(limit / 2, _time);
        try
        {
            do
            {
                if (fault() is null)
                    Tell("WATCHDOG=1");
            }
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    /// <summary>Tells the state in one line when it has changed. Until <paramref name="stop"/> fires.</summary>
    public async Task TellStateAsync(Func<string> state, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Between, _time);
        string before = "";
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                string now = state();
                if (now != before && !_stopping)
                    Tell("STATUS=" + now);
                before = now;
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Tell(string what)
    {
        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(what), _address);
            _failed = 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            if (Interlocked.Exchange(ref _failed, 1) == 0)
                HealthLog.NotTold(_log, _address.ToString() ?? "", e.Message.TrimEnd('.'));
        }
    }
}
