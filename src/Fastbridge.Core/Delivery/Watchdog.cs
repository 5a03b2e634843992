using System.Globalization;

namespace Fastbridge.Core.Delivery;

/// <summary>
/// Names the message that all others wait for when it stays the oldest for too long. It looks a few times within that time instead of stamping each message: a message
/// that was the oldest at two looks was so in between.
/// </summary>
/// <remarks>Its timer's alone.</remarks>
/// <param name="isOnDisk">Whether a slot's record came from the disk buffer, or is safe there: its message is acknowledged, and its packet identifier tells nothing.</param>
/// <param name="describe">What is known of a slot's record, and why it may wait.</param>
internal sealed class Watchdog(InflightWindow window, TimeSpan stuckAfter, TimeProvider time, Func<int, bool> isOnDisk, Func<int, string> describe, Action<string?> tell)
{
    /// <summary>Looks within the time: the age that is told is at most a quarter too small.</summary>
    private const int Looks = 4;

    private int _slot = -1;
    private uint _order;
    private ushort _packetId;
    private int _bytes;
    private long _since;
    private bool _told;

    public TimeSpan Interval => stuckAfter / Looks;

    public void Look()
    {
        if (_slot >= 0 && !window.IsTaken(_slot, _order))
        {
            _slot = -1;
            if (_told)
                tell(null);
            _told = false;
        }

        if (_slot < 0)
        {
            if (window.Messages > 0 && window.TryOldest(out _slot, out _order, out _packetId, out _bytes))
                _since = time.GetTimestamp();
            return;
        }

        TimeSpan age = time.GetElapsedTime(_since);
        if (_told || age < stuckAfter)
            return;
        _told = true;
        string message = isOnDisk(_slot) ? "a record of the disk buffer" : _packetId == 0 ? "a QoS 0 message" : string.Create(CultureInfo.InvariantCulture, $"message {_packetId}");
        tell(string.Create(CultureInfo.InvariantCulture, $"{message} ({_bytes:N0} bytes as a record) blocks all behind it for {age.TotalSeconds:0.#} s or more: {describe(_slot)}"));
    }
}
