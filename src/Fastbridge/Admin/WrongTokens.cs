using System.Net;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Admin;

/// <summary>Tells of wrong tokens: the first at once, then at most one line a minute with how many there were. Who guesses must not fill the log. Any thread.</summary>
internal sealed class WrongTokens(ILogger log, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long _saidAt;
    private long _unsaid;
    private bool _hasSaid;

    /// <param name="from">Null: not known.</param>
    public void Tell(IPAddress? from)
    {
        long count;
        lock (_lock)
        {
            _unsaid++;
            if (_hasSaid && time.GetElapsedTime(_saidAt) < Pause)
                return;
            (count, _unsaid) = (_unsaid, 0);
            (_hasSaid, _saidAt) = (true, time.GetTimestamp());
        }

        string address = from?.ToString() ?? "an unknown address";
        if (count == 1)
            AdminLog.WrongToken(log, address);
        else
            AdminLog.WrongTokens(log, count, address);
    }
}
