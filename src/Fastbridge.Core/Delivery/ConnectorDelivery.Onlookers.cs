using System.Text;
using Fastbridge.Core.Live;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Core.Delivery;

/// <content>Who looks at messages as they pass: for those under filters which are no more, and for people who want to see the last records.</content>
internal sealed partial class ConnectorDelivery
{
    private readonly Lock _looking = new();

    // Null but while somebody looks on: then the hot path pays one look at it.
    private volatile Onlookers? _onlookers;

    /// <summary>A session is taken over that may hold messages under filters which are no more: they are written and counted. Null: nothing of the kind.</summary>
    public void Watch(StrayWatch? strays)
    {
        lock (_looking)
            Set(strays, _onlookers?.Tap);
    }

    /// <summary>The server has dropped the old filters.</summary>
    public void ConfirmWatch() => _onlookers?.Strays?.Confirm();

    /// <summary>The last records since somebody began to look; begins it where nobody does.</summary>
    public RecordSample LookAtRecords(int limit)
    {
        lock (_looking)
        {
            RecordTap? open = _onlookers?.Tap;
            RecordTap tap = open ?? new RecordTap(_time);
            if (open is null)
                Set(_onlookers?.Strays, tap);
            return tap.Ask(limit) with { IsFirst = open is null };
        }
    }

    /// <summary>Closes the tap that nobody has asked for long. About once a second.</summary>
    public void CloseForgottenTap()
    {
        if (_onlookers?.Tap is not { IsForgotten: true })
            return;
        lock (_looking)
        {
            if (_onlookers?.Tap is { IsForgotten: true }) // Not one that was asked meanwhile.
                Set(_onlookers.Strays, null);
        }
    }

    /// <summary>Nothing is in flight and the socket is idle: a watch that has had its time ends.</summary>
    private void EndWatchThatIsOver()
    {
        if (_onlookers?.Strays is not { } strays || !strays.IsOver())
            return;
        lock (_looking)
        {
            if (_onlookers?.Strays == strays)
                Set(null, _onlookers.Tap);
        }
    }

    private PublishOutcome OfferWatched(Onlookers onlookers, in PublishPacket publish, Receipt receipt)
    {
        long before = Counters.Received;
        PublishOutcome outcome = Offer(in publish, receipt);
        if (Counters.Received == before)
            return outcome; // Not taken, or a redelivery that was counted when it first came.
        if (onlookers.Strays is { } strays && strays.IsStray(publish.Topic, out bool first))
        {
            Counters.OnUnmatched();
            if (first)
                _events.OnUnmatched(Encoding.UTF8.GetString(publish.Topic));
        }

        // Encoded once more, for by now whoever took the record has copied it: so nothing is carried through the hot path for this.
        if (onlookers.Tap is { } tap && tap.Wants())
        {
            long receivedMs = _acknowledger!.ReceivedAtMs;
            EncodedRecord record = _encoder.Encode(in publish, receivedMs);
            tap.Add(in publish, in record, receivedMs);
        }

        return outcome;
    }

    private void Set(StrayWatch? strays, RecordTap? tap) => _onlookers = strays is null && tap is null ? null : new Onlookers(strays, tap);

    /// <summary>Both in one, so that the hot path looks at one field; never changed, only replaced.</summary>
    private sealed record Onlookers(StrayWatch? Strays, RecordTap? Tap);
}
