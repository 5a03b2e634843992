namespace Fastbridge.Benchmarks.Records;

internal static class Payloads
{
    public static byte[] Random(int size)
    {
        byte[] bytes = new byte[size];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
