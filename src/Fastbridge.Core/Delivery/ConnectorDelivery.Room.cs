using Fastbridge.Mqtt;

namespace Fastbridge.Core.Delivery;

/// <content>Room for one more message: in the window, in the sink, under the rate limit, and beside a recovery.</content>
internal sealed partial class ConnectorDelivery
{
    /// <summary>
    /// Asks for room, and where there is none leaves word that it is wanted. The word is left before the second look, so a report between the
    /// two is not missed; both sides have a full fence in between.
    /// </summary>
    private bool HasRoom()
    {
        if (_buffer is not null)
            return HasRoom(_buffer);
        if (_limiter is not null && !_limiter.HasRoom())
            return false;
        if (_window.HasRoom && !_recovery.Active && !_sinkFull)
            return true;
        Interlocked.Exchange(ref _wanted, 1);
        return _window.HasRoom && !_recovery.Active && !_sinkFull;
    }

    /// <summary>
    /// The sink's room may be told before its refusal is known here. So it is counted, and the count looked at again behind the mark and a fence: either
    /// this sees that there was room meanwhile, or <see cref="OnRoom"/> comes later and takes the mark away.
    /// </summary>
    /// <param name="rooms">The count before the sink was asked.</param>
    private PublishOutcome NoRoomInSink(int rooms)
    {
        _sinkFull = true;
        Interlocked.Exchange(ref _wanted, 1);
        if (_rooms != rooms)
        {
            _sinkFull = false;
            OfferRoom();
        }

        return PublishOutcome.NoRoom;
    }

    private void OfferRoom()
    {
        if (Interlocked.Exchange(ref _wanted, 0) == 0)
            return;
        _room.Set();
        if (_leaving)
            _settled.Set();
    }
}
