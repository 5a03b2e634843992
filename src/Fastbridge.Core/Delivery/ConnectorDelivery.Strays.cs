using System.Text;
using Fastbridge.Core.Live;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Core.Delivery;

/// <content>Messages of a session that come under filters which are no more.</content>
internal sealed partial class ConnectorDelivery
{
    // Null but for a while after an old filter was unsubscribed: then the hot path pays one look at it.
    private volatile StrayWatch? _strays;

    /// <summary>A session is taken over that may hold messages under filters which are no more: they are written and counted. Null: nothing of the kind.</summary>
    public void Watch(StrayWatch? strays) => _strays = strays;

    /// <summary>The server has dropped the old filters.</summary>
    public void ConfirmWatch() => _strays?.Confirm();

    private PublishOutcome OfferWatched(StrayWatch strays, in PublishPacket publish, Receipt receipt)
    {
        long before = Counters.Received;
        PublishOutcome outcome = Offer(in publish, receipt);
        if (Counters.Received == before || !strays.IsStray(publish.Topic, out bool first))
            return outcome; // Not taken, or a redelivery that was counted when it first came.
        Counters.OnUnmatched();
        if (first)
            _events.OnUnmatched(Encoding.UTF8.GetString(publish.Topic));
        return outcome;
    }
}
