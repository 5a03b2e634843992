namespace Fastbridge.Mqtt.Codec;

/// <summary>The three answers of a decoder that is fed from a stream.</summary>
internal enum FrameStatus : byte
{
    /// <summary>Nothing is wrong so far; ask again when more bytes have come.</summary>
    NeedMoreData,

    /// <summary>All there.</summary>
    Done,

    /// <summary>It can never become right; a typed violation says why.</summary>
    Malformed,
}
