using System.Globalization;
using System.Text;
using Fastbridge.Core.Buffering;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Tests.Core.Buffering;

/// <summary>A log on disk in a test's hands: numbered records go in, and what comes out is compared.</summary>
internal sealed class LogRig(string folder, long maxBytes = 64 * 1024 * 1024, int valueLength = 0) : IDisposable
{
    private readonly List<(Segment Segment, long Number)> _open = [];

    public DiskLog Log { get; } = DiskLog.Open(folder, maxBytes, create: true);

    /// <summary>Appends records and waits for the disk. Returns how many had room.</summary>
    public int Write(params IEnumerable<int> numbers)
    {
        int written = 0;
        foreach (int number in numbers)
        {
            if (!Log.TryStage(Body(number, valueLength), out _))
                break;
            written++;
        }

        Publish();
        return written;
    }

    public void Publish()
    {
        Log.Sync();
        lock (Log.Gate)
            Log.Publish(default);
    }

    /// <summary>Reads up to <paramref name="most"/> records, as handed to Kafka and not settled.</summary>
    public List<int> Drain(int most = int.MaxValue)
    {
        List<int> numbers = [];
        while (numbers.Count < most && TryRead(out LogRecord record))
        {
            record.Segment.OnProduced();
            _open.Add((record.Segment, record.Sequence));
            numbers.Add(NumberOf(record.Body));
        }

        return numbers;
    }

    /// <summary>What was passed over, one line each.</summary>
    public List<string> PassedOver { get; } = [];

    private bool TryRead(out LogRecord record)
    {
        while (true)
        {
            try
            {
                return Log.TryRead(out record);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (Log.PassOver(e) is not { } what)
                    throw;
                PassedOver.Add(what);
            }
        }
    }

    /// <summary>Kafka has the oldest (or newest) of what was drained.</summary>
    public void Settle(int count, bool newest = false)
    {
        lock (Log.Gate)
        {
            for (int i = 0; i < count; i++)
            {
                int at = newest ? _open.Count - 1 : 0;
                _open[at].Segment.Settled++;
                _open.RemoveAt(at);
            }
        }
    }

    /// <summary>Kafka has every other one of what was drained, as where one partition of two is stuck.</summary>
    public void SettleEveryOther()
    {
        lock (Log.Gate)
        {
            for (int at = _open.Count - 1; at > 0; at -= 2)
            {
                _open[at].Segment.Settled++;
                _open.RemoveAt(at);
            }
        }
    }

    public void SaveCursor() => Log.SaveCursor(Log.Next, [.. _open.Select(o => o.Number)], sync: false);

    public static byte[] Body(int number, int valueLength = 0)
    {
        string text = number.ToString(CultureInfo.InvariantCulture);
        var record = new OutgoingRecord { Value = Encoding.UTF8.GetBytes(text.PadRight(valueLength)), HasKey = true, Key = "k"u8, PartitionHash = 7 };
        byte[] body = new byte[StoredRecord.LengthOf("t", in record)];
        StoredRecord.Write(body, "t", in record, 1_640_995_200_000 + number);
        return body;
    }

    public static int NumberOf(ReadOnlySpan<byte> body)
    {
        Assert.True(StoredRecord.TryParse(body, out StoredRecord record));
        return int.Parse(record.Outgoing.Value, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }

    public void Dispose() => Log.Dispose();
}
