using System.Collections.Immutable;
using System.Globalization;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Core;

/// <content>What the MQTT end reports.</content>
internal sealed partial class ConnectorEvents
{
    public void OnMqtt(MqttEvent what)
    {
        Observer?.Invoke(what);
        switch (what)
        {
            case MqttEvent.Unsubscribed u:
                foreach (string filter in u.Filters)
                    ConnectorLog.Unsubscribed(log, name, filter);
                break;
            case MqttEvent.Connected c:
                Outage? over = null;
                Change(() =>
                {
                    (over, _mqttAway) = (_mqttAway, null);
                    _connections++;
                    (_connected, _subscribed, _mqttFault, _session, _server) = (true, _subscribed && c.SessionPresent && c.Before is null, null, c.SessionPresent ? "resumed" : "new", c.Server);
                });
                ConnectorLog.Connected(log, name, c.Server, c.Version is MqttVersion.V5 ? "5.0" : "3.1.1", c.ClientId, c.SessionPresent ? "resumed" : "new");
                if (over is { Attempts: > 0 })
                    ConnectorLog.Back(log, name, over.Seconds, over.Attempts);
                if (c.StateLost && c.Before is not null)
                    ConnectorLog.SessionElsewhere(log, name, c.Server, c.Before);
                else if (c.StateLost)
                    ConnectorLog.StateLost(log, name, c.Server);
                break;
            case MqttEvent.Subscribed s:
                OnSubscribed(s);
                break;
            case MqttEvent.Lost l:
                bool isNew = false;
                Change(() =>
                {
                    isNew = (_mqttAway ??= new Outage(time)).Add(l.Reason, !l.WasConnected);
                    _ = l.WasConnected ? _connectionsLost++ : _connectFailures++;
                    (_connected, _mqttFault) = (false, l.Reason);
                });
                if (isNew || l.WasConnected)
                    ConnectorLog.Lost(log, name, l.WasConnected ? "lost" : "cannot connect to", l.Reason, l.Next is null ? Wait(l.RetryIn) : $"{Wait(l.RetryIn)} at {l.Next}");
                break;
            case MqttEvent.Renewing r:
                Change(() => _connected = false);
                ConnectorLog.Changed(log, name, $"connects to {r.Server} anew, as {r.Reason}; its session stays");
                break;
            case MqttEvent.Warned w:
                if (IsNew(w.Text))
                    ConnectorLog.Warned(log, name, w.Text);
                break;
        }
    }

    /// <summary>A warning that comes with every connection is said once. The memory is small: what has been forgotten may be said again.</summary>
    private bool IsNew(string warning)
    {
        lock (_lock)
        {
            if (_warned.Count >= MostWarnings)
                _warned.Clear();
            return _warned.Add(warning);
        }
    }

    private void OnSubscribed(MqttEvent.Subscribed subscribed)
    {
        string? fault = null;
        ImmutableArray<SubscriptionGrant> before;
        lock (_lock)
            (before, _grants) = (_subscribed ? _grants : [], subscribed.Grants);
        foreach (SubscriptionGrant grant in subscribed.Grants)
        {
            if (!grant.IsFault)
            {
                if (!before.Contains(grant))
                    ConnectorLog.Subscribed(log, name, grant.Filter, grant.Code);
                continue;
            }

            fault = grant.Code < 0x80
                ? $"the broker grants \"{grant.Filter}\" only QoS {grant.Code}, {(byte)grant.Asked} was asked for; allow it there, or lower the connector's qos"
                : $"the broker refuses the subscription \"{grant.Filter}\" (code 0x{grant.Code:X2}); allow it there, or mend topic_id";
            ConnectorLog.SubscriptionFault(log, name, fault);
        }

        Change(() => (_subscribed, _grantFault) = (true, fault));
    }

    private static string Wait(TimeSpan delay) => delay.TotalMilliseconds < 999.5
        ? string.Create(CultureInfo.InvariantCulture, $"{delay.TotalMilliseconds:0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{delay.TotalSeconds:0.0} s");
}
