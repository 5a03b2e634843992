namespace Fastbridge.Mqtt.Session;

/// <summary>How far <see cref="Inbound.Process"/> came.</summary>
internal enum BatchEnd : byte
{
    /// <summary>All whole packets are done; more bytes are needed.</summary>
    NeedMoreData,

    /// <summary>The application has no room for the packet at the position that was reached: to be offered again.</summary>
    NoRoom,

    /// <summary>The connection is over: see <see cref="Inbound.End"/>.</summary>
    Ended,
}
