using System.Net;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Admin;

/// <summary>
/// Tells of wrong tokens: the first at once, the others of each minute as one line with their number; after a minute without any the next is a first again. Who guesses
/// must not fill the log. Any thread.
/// </summary>
internal sealed class WrongTokens : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly ILogger _log;
    private readonly ITimer _minute;
    private string _last = "";
    private long _untold;
    private bool _waits;

    public WrongTokens(ILogger log, TimeProvider time)
    {
        _log = log;
        _minute = time.CreateTimer(static state => ((WrongTokens)state!).EndMinute(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <param name="from">Null: not known.</param>
    public void Tell(IPAddress? from)
    {
        string address = from?.ToString() ?? "an unknown address";
        lock (_lock)
        {
            _last = address;
            if (_waits)
            {
                _untold++;
                return;
            }

            _waits = true;
            _minute.Change(Pause, Timeout.InfiniteTimeSpan);
        }

        AdminLog.WrongToken(_log, address);
    }

    public void Dispose() => _minute.Dispose();

    private void EndMinute()
    {
        long count;
        string last;
        lock (_lock)
        {
            (count, last) = (_untold, _last);
            _untold = 0;
            _waits = count > 0;
            if (_waits)
                _minute.Change(Pause, Timeout.InfiniteTimeSpan);
        }

        if (count > 0)
            AdminLog.WrongTokens(_log, count, last);
    }
}
