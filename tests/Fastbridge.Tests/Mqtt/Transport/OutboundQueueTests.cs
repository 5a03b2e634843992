using System.Buffers;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Tests.Mqtt.Transport;

/// <summary>Whose its buffers are: while a write runs the socket's, afterwards anybody's.</summary>
public class OutboundQueueTests
{
    // A size of its own, so that no other test borrows or gives back the same arrays: of the pool's 32 KB.
    private const int Length = 20_000;

    [Fact]
    public async Task bytes_on_the_wire_are_left_alone_while_others_gather()
    {
        await using var socket = new SlowStream();
        var queue = new OutboundQueue(socket, TimeProvider.System);
        Append(queue, 1);
        queue.Flush();
        byte[][] borrowed = [.. Enumerable.Range(0, 100).Select(_ => ArrayPool<byte>.Shared.Rent(Length))];
        foreach (byte[] other in borrowed)
            other.AsSpan().Fill(0xEE);
        Append(queue, 2);
        Assert.Equal(Length, socket.Taken.Length);
        Assert.True(socket.Taken.Span.IndexOfAnyExcept((byte)1) < 0);

        socket.EndWrite();
        await socket.WaitForWriteAsync(2);
        Assert.True(socket.Taken.Span.IndexOfAnyExcept((byte)2) < 0);
        socket.EndWrite();
        await queue.WhenIdleAsync();
        Assert.Equal(0, queue.Backlog);
    }

    [Fact]
    public async Task after_a_failed_write_nothing_is_appended_and_its_bytes_are_nobodys()
    {
        await using var socket = new SlowStream();
        Exception? broken = null;
        var queue = new OutboundQueue(socket, TimeProvider.System) { Broken = e => broken = e };
        Append(queue, 1);
        queue.Flush();
        socket.EndWrite(new IOException("gone"));
        await queue.WhenIdleAsync();
        Assert.IsType<IOException>(broken);
        Assert.True(queue.IsClosed);
        byte[][] borrowed = [.. Enumerable.Range(0, 100).Select(_ => ArrayPool<byte>.Shared.Rent(Length))];
        foreach (byte[] other in borrowed)
            other.AsSpan().Fill(0xEE);
        Assert.True(socket.Taken.Span.IndexOfAnyExcept((byte)1) < 0);
    }

    private static void Append(OutboundQueue queue, byte value)
    {
        lock (queue.Gate)
        {
            queue.GetSpan(Length)[..Length].Fill(value);
            queue.Advance(Length);
        }
    }

    /// <summary>Each write ends when the test says so.</summary>
    private sealed class SlowStream : MemoryStream
    {
        private readonly SemaphoreSlim _begun = new(0);
        private TaskCompletionSource _write = new();
        private int _writes;

        public ReadOnlyMemory<byte> Taken { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Taken = buffer;
            _write = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Increment(ref _writes);
            _begun.Release();
            return new ValueTask(_write.Task);
        }

        public void EndWrite(Exception? fault = null)
        {
            if (fault is null)
                _write.SetResult();
            else
                _write.SetException(fault);
        }

        public async Task WaitForWriteAsync(int number)
        {
            while (Volatile.Read(ref _writes) < number)
                await _begun.WaitAsync();
        }
    }
}
