using System.Buffers;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Session;

namespace Fastbridge.Mqtt;

/// <content>The timer: CONNACK's deadline, then keep alive [3.1.2.10].</content>
internal sealed partial class MqttConnection
{
    private void OnTimer()
    {
        KeepAliveVerdict verdict;
        lock (_timing)
        {
            if (_keepAlive is null)
            {
                Abort(new ConnectionEnd($"no CONNACK within {_options.ConnectTimeout.TotalSeconds:0.#} s; does an MQTT broker listen there?"));
                return;
            }

            long lastSent = (long)_time.GetElapsedTime(_origin, _outbound.LastSent).TotalMilliseconds;
            verdict = _keepAlive.Look(Now(), lastSent);
            Schedule(_keepAlive.Due);
        }

        if (verdict == KeepAliveVerdict.Dead)
        {
            Abort(new ConnectionEnd($"no answer to PINGREQ for {_keepAlive.Patience / 1_000.0:0.#} s: the link is dead"));
        }
        else if (verdict == KeepAliveVerdict.Ping)
        {
            lock (_outbound.Gate)
            {
                if (!_outbound.IsClosed)
                    _outbound.Write(PingPacket.Request);
            }

            _outbound.Flush();
            _log.Ping(_server);
        }
    }

    private void Schedule(long due)
    {
        TimeSpan wait = due == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(due - Now(), 1));
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private long Now() => (long)_time.GetElapsedTime(_origin).TotalMilliseconds;
}
