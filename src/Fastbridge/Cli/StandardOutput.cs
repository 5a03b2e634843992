using System.Runtime.InteropServices;

namespace Fastbridge.Cli;

/// <summary>
/// Standard output for what may never end: the runtime's own stream swallows the error of a pipe whose reader has gone, and
/// <c>fastbridge mqtt subscribe … | head -1</c> would run on for ever. One thread.
/// </summary>
internal static partial class StandardOutput
{
    // errno.h
    private const int InterruptedCall = 4;
    private const int TryAgain = 11;

    private static readonly Stream? Other = OperatingSystem.IsLinux() ? null : Console.OpenStandardOutput();

    /// <summary>Writes all of it.</summary>
    /// <returns>False where nobody reads any more, or the disk is full: there is nobody to be told.</returns>
    public static unsafe bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (Other is not null)
        {
            Other.Write(bytes);
            return true;
        }

        fixed (byte* start = bytes)
        {
            for (nint done = 0; done < bytes.Length;)
            {
                nint written = Write(1, start + done, bytes.Length - done);
                if (written >= 0)
                {
                    done += written;
                    continue;
                }

                int error = Marshal.GetLastPInvokeError();
                if (error == TryAgain)
                    Thread.Sleep(1); // somebody made the terminal non-blocking
                else if (error != InterruptedCall)
                    return false;
            }
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint Write(int file, byte* bytes, nint count);
}
