namespace Fastbridge.Mqtt.Session;

/// <summary>What <see cref="KeepAlive.Look"/> asks for.</summary>
internal enum KeepAliveVerdict
{
    Fine,

    /// <summary>Nothing was sent for the interval: send PINGREQ [MQTT-3.1.2-20].</summary>
    Ping,

    /// <summary>A PINGREQ was answered by nothing at all, while we were reading: the link is dead.</summary>
    Dead,
}

/// <summary>
/// Keep alive of one connection [3.1.2.10]. Times are in milliseconds since any fixed moment. PINGREQ is due when nothing was sent for the interval,
/// however much arrives. A link is dead when a PINGREQ stays without any byte in answer for <see cref="Patience"/>, counted only while we read: a
/// PINGRESP that is queued behind data, or in a buffer that we do not empty, is no dead link. Belongs to one thread at a time (the caller's lock).
/// </summary>
internal sealed class KeepAlive
{
    private long _pingSent = -1;
    private long _lastSign;
    private long _readingSince;
    private bool _reading = true;
    private long _due;

    /// <param name="seconds">The interval in force, the server's where it named one [MQTT-3.1.2-21]; 0 is off.</param>
    public KeepAlive(int seconds, long now)
    {
        Interval = seconds * 1_000L;
        // Half the interval, so that a dead link is found within 1.5 of it, as a server does [MQTT-3.1.2-22]; at least 5 s, a slow mobile round trip.
        Patience = Math.Max(Interval / 2, 5_000);
        _lastSign = _readingSince = now;
        _due = now + Interval;
    }

    /// <summary>Milliseconds; 0 is off.</summary>
    public long Interval { get; }

    /// <summary>How long a PINGREQ may stay unanswered, milliseconds.</summary>
    public long Patience { get; }

    /// <summary>Bytes arrived, of whatever kind: a sign of life.</summary>
    public void Received(long now)
    {
        _lastSign = now;
        _pingSent = -1;
    }

    /// <summary>The application has no room: what arrives now is not seen.</summary>
    public void StopReading() => _reading = false;

    public void StartReading(long now)
    {
        if (_reading)
            return;
        _reading = true;
        _readingSince = now;
    }

    /// <summary>To be called at <see cref="Due"/> or later.</summary>
    public KeepAliveVerdict Look(long now, long lastSent)
    {
        if (Interval == 0)
        {
            _due = long.MaxValue;
            return KeepAliveVerdict.Fine;
        }

        // We were frozen (SIGSTOP, a suspended machine) or starved: what arrived meanwhile was not read, so patience starts anew.
        if (now - _due > 1_000)
            _readingSince = now;

        if (_pingSent >= 0 && _reading && now - Math.Max(_pingSent, Math.Max(_lastSign, _readingSince)) >= Patience)
            return KeepAliveVerdict.Dead;

        KeepAliveVerdict verdict = KeepAliveVerdict.Fine;
        if (now - lastSent >= Interval)
        {
            verdict = KeepAliveVerdict.Ping;
            lastSent = now;
            if (_pingSent < 0)
                _pingSent = now;
        }

        _due = lastSent + Interval;
        // While we do not read there is no verdict to wait for.
        if (_pingSent >= 0 && _reading)
            _due = Math.Min(_due, Math.Max(_pingSent, Math.Max(_lastSign, _readingSince)) + Patience);
        _due = Math.Max(_due, now + 1);
        return verdict;
    }

    /// <summary>When to look next, milliseconds.</summary>
    public long Due => _due;
}
